"""Rung (a): fingerprints are the digests of their own numbers, and those that the trained runs carry."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from benchmarks.errors import UserError
from benchmarks.verify.faults import Fault, Outcome
from benchmarks.verify.locked import LOCK

FILE, CODE = "fingerprints.json", "fingerprints-code.json"


def check_fingerprints(root: Path) -> Outcome:
    """Each entry holds what its digest says, and its cell's runs and stage were made under it (docs/contracts.md).

    Raises:
        UserError: a file is no JSON object.
    """
    if not (root / FILE).is_file():
        return f"skipped: no {FILE}", []
    entries = read_object(root / FILE)
    faults = [fault for name, entry in entries.items() for fault in of_entry(name, entry)]
    if (root / CODE).is_file():
        codes = read_object(root / CODE)
        faults += [Fault(CODE, f"entry of {name}", "there", "missing") for name in sorted(set(entries) - set(codes))]
        faults += [Fault(CODE, f"entry of {name}", "none", "there") for name in sorted(set(codes) - set(entries))]
    for path in sorted((root / "reports" / "records").glob("*/*.json")):
        entry = entries.get(f"{path.parent.name}-{path.stem}")
        if isinstance(entry, dict):
            faults += of_runs(path, path.relative_to(root).as_posix(), entry)
    faults += of_stages(root, entries)
    return f"{len(entries)} cells", faults


def read_object(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{path}: not valid JSON: {error}. Restore it with git.") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: expected an entry per cell. Restore it with git.")
    return content


def short_digest(text: str) -> str:
    """As training writes it: hexadecimal SHA-256, 16 digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def behaviour(entry: dict) -> str:
    return short_digest(json.dumps([entry["network"], entry["engine"]]))


def of_entry(name: str, entry: Any) -> Iterator[Fault]:
    if not isinstance(entry, dict) or set(entry) != {"digest", "stated", "network", "engine"}:
        yield Fault(FILE, f"entry of {name}", "digest, stated, network, engine", str(entry))
        return
    whole = short_digest(f"{entry['stated']} {behaviour(entry)}")
    if whole != entry["digest"]:
        yield Fault(FILE, f"digest of {name}", f"{whole} of its numbers", str(entry["digest"]))


def of_runs(path: Path, file: str, entry: dict) -> Iterator[Fault]:
    try:
        runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
    except (ValueError, KeyError, TypeError):
        return  # `agreed` names it
    expected = {
        "stated": entry.get("stated"),
        "behaviour": behaviour(entry) if "network" in entry and "engine" in entry else None,
    }
    for run in runs:
        for part, digest in expected.items():
            if (found := run.get("digests", {}).get(part)) != digest:
                where = f"{part} of seed {run.get('seed')}, fold {run.get('fold')}"
                yield Fault(file, where, f"{digest} ({FILE})", str(found))


def of_stages(root: Path, entries: dict[str, Any]) -> Iterator[Fault]:
    """The digests under which DVC ran the training stages."""
    if not (root / LOCK).is_file():
        return
    try:
        stages = yaml.load(
            (root / LOCK).read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )["stages"]
        params = {name: stage["params"][FILE] for name, stage in stages.items() if FILE in stage.get("params", {})}
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        return  # `locked` names it
    for stage, read in params.items():
        for key, digest in read.items():
            name = key.removesuffix(".digest")
            found = entries[name].get("digest") if isinstance(entries.get(name), dict) else "no entry"
            if found != digest:
                yield Fault(FILE, f"digest of {name}", f"{digest} ({LOCK}, {stage})", str(found))
