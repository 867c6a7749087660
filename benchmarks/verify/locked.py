"""Rung (a): the files of the pipeline are those that it made, byte for byte, as `dvc.lock` remembers them.

What was trained elsewhere or long ago, and what only another stage reads, is held here: curves, records, predictions,
measured and quoted tables.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from benchmarks.errors import UserError
from benchmarks.verify.faults import Fault, Outcome
from benchmarks.verify.tracked import results_among, tracked_files

LOCK, DOWNLOADED = "dvc.lock", "data.dvc"
FURTHER = ("fingerprints.json", "fingerprints-code.json")  # results that lie outside of the folders of results
md5 = partial(hashlib.md5, usedforsecurity=False)


class Pin(NamedTuple):
    """What a stage was when it last ran: a file or folder that it read or wrote."""

    stage: str
    path: str
    digest: str
    size: int | None
    files: int | None


def check_lock(root: Path) -> Outcome:
    """Every committed result that a stage read or wrote has the content that is locked.

    Code is left out: `dvc repro` finds out what that has changed. Of what is not committed, the stages must agree.

    Raises:
        UserError: the lock cannot be read.
    """
    path = root / LOCK
    if not path.is_file():
        return f"skipped: no {LOCK}", []
    files = tracked_files(root)
    results = set(results_among(files)) | set(FURTHER) & set(files)
    contents = {file: (root / file).read_bytes() for file in results if (root / file).is_file()}
    digests = {file: md5(content).hexdigest() for file, content in contents.items()}
    sizes = {file: len(content) for file, content in contents.items()}
    faults, seen, elsewhere = [], {}, defaultdict(dict)
    for pin in pins(path):
        own = [file for file in results if file == pin.path or file.startswith(f"{pin.path}/")]
        if not own:
            if not pin.path.startswith("benchmarks/") and pin.path not in files:
                elsewhere[pin.path].setdefault(pin.digest, pin.stage)
            continue
        if (found := seen.get(pin.path)) is None:
            found = seen[pin.path] = content_of(pin.path, own, digests, sizes)
        faults += [Fault(pin.path, f"{what} ({pin.stage})", *pair) for what, *pair in differing(pin, found)]
    for name, by_digest in elsewhere.items():
        if len(by_digest) > 1:
            first, *others = [f"{digest} ({stage})" for digest, stage in by_digest.items()]
            faults.append(Fault(LOCK, f"content of {name}", first, "; ".join(others)))
    faults += of_downloads(root)
    return f"{len(seen)} files and folders as {LOCK} has them", list(dict.fromkeys(faults))


def of_downloads(root: Path) -> Iterator[Fault]:
    """What `data.dvc` pins: the same bytes before and after they are moved into `data/`."""
    if not (root / DOWNLOADED).is_file():
        return
    try:
        content = yaml.safe_load((root / DOWNLOADED).read_text(encoding="utf-8"))
        before, after = content["deps"][0], content["outs"][0]
    except (yaml.YAMLError, LookupError, TypeError, UnicodeDecodeError) as error:
        yield Fault(DOWNLOADED, "the file", "a dependency and an output, as DVC writes them", str(error))
        return
    for what in ("md5", "size", "nfiles"):
        if before.get(what) != after.get(what):
            yield Fault(DOWNLOADED, what, f"{before.get(what)} of {before.get('path')}", str(after.get(what)))


def pins(path: Path) -> Iterator[Pin]:
    """What `dvc.lock` holds, with what each stage wrote before what others read.

    Raises:
        UserError: it is not in DVC's form.
    """
    try:
        stages: dict[str, Any] = yaml.load(
            path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )["stages"]
        for kind in ("outs", "deps"):
            for stage, entry in stages.items():
                for pin in entry.get(kind, []):
                    yield Pin(stage, pin["path"], pin["md5"], pin.get("size"), pin.get("nfiles"))
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not in DVC's form: {error}. Restore it with git.") from error


def content_of(path: str, own: list[str], digests: dict[str, str], sizes: dict[str, int]) -> Pin:
    """A file or folder as DVC would lock it now; `digest` is empty where a file is not there."""
    there = [file for file in sorted(own) if file in digests]
    if own == [path]:
        return Pin("", path, digests.get(path, ""), sizes.get(path, 0), None)
    listing = [{"md5": digests[file], "relpath": file[len(path) + 1 :]} for file in there]
    digest = md5(json.dumps(listing).encode()).hexdigest() + ".dir"
    return Pin("", path, digest, sum(sizes[file] for file in there), len(there))


def differing(pin: Pin, found: Pin) -> Iterator[tuple[str, str, str]]:
    if pin.files is not None and found.files is not None and pin.files != found.files:
        yield "files", str(pin.files), str(found.files)
    if pin.size is not None and pin.size != found.size:
        yield "bytes", str(pin.size), str(found.size)
    if pin.digest != found.digest:
        yield "content, MD5", pin.digest, found.digest or "not there"
