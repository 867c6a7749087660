"""A release is built beside its place and moved there once it is whole. The same tag gives the same bytes."""

import os
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from benchmarks.errors import UserError
from benchmarks.release import croissant
from benchmarks.release.licences import licences_text
from benchmarks.release.parts import BESIDE, PARTS, SOURCE, compressed, files_of_part, packed
from benchmarks.release.tables import TABLES, files_of_table, joined
from benchmarks.release.tag import archive, files_of, release_at
from benchmarks.release.version import Release, read_project, read_release
from benchmarks.release.zenodo import zenodo_text
from benchmarks.whole_files import swap_in

SUMS = "SHA256SUMS"


def build(root: Path, out: Path) -> Path:
    """Build the release of the tag at which a repository stands, in a folder of its name below `out`.

    One that was built there before is replaced.

    Raises:
        UserError: it cannot be released (not committed, no tag, versions that do not agree), mlcroissant is missing,
            something else lies in its place, or it cannot be written.
    """
    name, tag = release_at(root)
    tar = archive(root, tag, name)
    _, files = files_of(tar)
    release = read_release(files, tag)
    folder = out / release.name
    if folder.exists() and not (folder / SUMS).is_file():
        raise UserError(
            f"{folder}: expected a release or nothing, found something else: move it, or name another --out."
        )
    contents = contents_of(release, tar, files)
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    try:
        partial.mkdir(parents=True)
        for name, content in contents.items():
            (partial / name).write_bytes(content)
        swap_in(partial, folder)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written: {error}. Free space or name another --out.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def contents_of(release: Release, tar: bytes, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Every file of a release, by name.

    Args:
        tar: the archive of the source.
        files: the same, by path.
    """
    project = read_project(files)
    missing = [name for name in BESIDE if name not in files]
    empty = [part for part in PARTS if not files_of_part(part, files)]
    empty += [table for table in TABLES if not files_of_table(table, files)]
    if missing or empty:
        raise UserError(f"the tag's files: expected some for every part, found none for {', '.join(missing + empty)}.")
    contents = {f"{release.name}-{SOURCE}": compressed(tar)}
    contents |= {f"{release.name}-{part}": packed(files_of_part(part, files)) for part in PARTS}
    contents |= {f"{release.name}-{table}": joined(table, files) for table in TABLES}
    contents |= {name: files[name] for name in BESIDE}
    contents["LICENCES.md"] = licences_text(release, files).encode()
    contents[".zenodo.json"] = zenodo_text(release, project).encode()
    sums = {name: sha256(content).hexdigest() for name, content in contents.items()}
    contents[croissant.FILE] = croissant.croissant_text(release, project, sums).encode()
    contents[SUMS] = sums_text(contents).encode()
    return contents


def sums_text(contents: Mapping[str, bytes]) -> str:
    """As `sha256sum --check` reads it."""
    return "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(contents.items()))
