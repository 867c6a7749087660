"""Whether a folder that was downloaded is a release, whole and in agreement with itself."""

import gzip
import io
import json
import re
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.errors import UserError
from benchmarks.release import croissant
from benchmarks.release.build import SUMS
from benchmarks.release.parts import BESIDE, PARTS, SOURCE, files_of_part
from benchmarks.release.tables import TABLES, joined, same
from benchmarks.release.tag import files_of
from benchmarks.release.version import disagreements, read_citation, read_project, tag_of

LINE = re.compile(r"([0-9a-f]{64})  ([^/\0]+)")
OURS = {"LICENCES.md", ".zenodo.json", croissant.FILE}


def check(folder: Path) -> tuple[list[str], list[str]]:
    """What was checked of a release, a line each, and what is wrong with it.

    Raises:
        UserError: the folder is no release, or its checksums cannot be read.
    """
    sums = read_sums(folder)
    contents = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    done = [f"{len(sums)} files by their checksums"]
    faults = [f"{path.name}: a folder; a release has none." for path in sorted(folder.iterdir()) if path.is_dir()]
    faults += [
        f"{name}: listed in {SUMS}, not there: download it again." for name in sorted(sums.keys() - contents.keys())
    ]
    faults += [
        f"{name}: not listed in {SUMS}: no part of the release."
        for name in sorted(contents.keys() - sums.keys() - {SUMS})
    ]
    wrong = [
        name for name, expected in sums.items() if name in contents and sha256(contents[name]).hexdigest() != expected
    ]
    faults += [f"{name}: another checksum than in {SUMS}: download it again." for name in wrong]
    if faults:
        return [*done, "nothing else, as the files are not those of the release"], faults
    name, source = read_source(contents)
    faults += [f"{name}-{SOURCE}: {line}" for line in versions_disagree(name, source)] + names_differ(name, contents)
    done.append("version and date of tag, citation and changelog")
    if not faults:
        faults += parts_differ(name, contents, source) + descriptions_differ(name, contents, source)
        done.append("parts against the source, descriptions against both")
    if croissant.installed():
        faults += [f"{croissant.FILE}: {line}" for line in croissant.faults_of(json.loads(contents[croissant.FILE]))]
        done.append(f"{croissant.FILE} by mlcroissant")
    else:
        done.append(f"not {croissant.FILE}: mlcroissant is not installed")
    return done, faults


def read_sums(folder: Path) -> dict[str, str]:
    """The checksum of each file, by name."""
    path = folder / SUMS
    if not path.is_file():
        raise UserError(
            f"{path}: expected the checksums of a release, found no file: name the folder that was downloaded."
        )
    lines = path.read_text(encoding="utf-8").splitlines()
    matched = [LINE.fullmatch(line) for line in lines]
    if not lines or None in matched:
        raise UserError(f"{path}: expected lines `<sha256>  <name>`, found others: download it again.")
    return {match[2]: match[1] for match in matched if match}


def read_source(contents: Mapping[str, bytes]) -> tuple[str, Mapping[str, bytes]]:
    """The name of the release, and the repository's files by path."""
    archives = [name for name in contents if name.endswith(f"-{SOURCE}")]
    if len(archives) != 1:
        raise UserError(f"expected one file <name>-<version>-{SOURCE}, found {archives or 'none'}: this is no release.")
    try:
        tar = gzip.decompress(contents[archives[0]])
    except (OSError, EOFError) as error:
        raise UserError(f"{archives[0]}: {error}: download it again.") from error
    folder, files = files_of(tar)
    if archives[0] != f"{folder}-{SOURCE}":
        raise UserError(
            f"{archives[0]}: expected all in a folder {archives[0].removesuffix(f'-{SOURCE}')}, found {folder}."
        )
    return folder, files


def versions_disagree(name: str, source: Mapping[str, bytes]) -> list[str]:
    """What does not agree within the source, whose archive's name states the version of the tag."""
    return disagreements(source, tag_of(name.rpartition("-")[2]))


def names_differ(name: str, contents: Mapping[str, bytes]) -> list[str]:
    """Which files a release of this name lacks, or has besides."""
    expected = {f"{name}-{part}" for part in (SOURCE, *PARTS, *TABLES)} | BESIDE.keys() | OURS | {SUMS}
    missing = [f"{file}: every release has it, this one does not." for file in sorted(expected - contents.keys())]
    return missing + [f"{file}: no release has it." for file in sorted(contents.keys() - expected)]


def parts_differ(name: str, contents: Mapping[str, bytes], source: Mapping[str, bytes]) -> list[str]:
    """Which parts hold something else than the source does."""
    faults = [f"{file}: differs from the source's." for file in BESIDE if contents[file] != source.get(file)]
    for part in PARTS:
        with zipfile.ZipFile(io.BytesIO(contents[f"{name}-{part}"])) as archive:
            found = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        expected = files_of_part(part, source)
        differing = [path for path in sorted(found.keys() | expected.keys()) if found.get(path) != expected.get(path)]
        faults += [f"{name}-{part}: {path} differs from the source's." for path in differing]
    for table in TABLES:
        if not same(table, contents[f"{name}-{table}"], joined(table, source)):
            faults.append(f"{name}-{table}: other rows than in the source's files.")
    return faults


def descriptions_differ(name: str, contents: Mapping[str, bytes], source: Mapping[str, bytes]) -> list[str]:
    """Where `.zenodo.json` and `croissant.json` state another version, date, title or checksum than there is."""
    version, citation = read_project(source)["version"], read_citation(source)
    zenodo: dict[str, Any] = json.loads(contents[".zenodo.json"])
    described: dict[str, Any] = json.loads(contents[croissant.FILE])
    stated = [
        (".zenodo.json", "version", zenodo.get("version"), version),
        (".zenodo.json", "title", zenodo.get("title"), citation["title"]),
        (".zenodo.json", "publication_date", zenodo.get("publication_date"), str(citation["date-released"])),
        (croissant.FILE, "version", described.get("version"), version),
        *(
            (croissant.FILE, f"sha256 of {file['contentUrl']}", file["sha256"], digest_of(file["contentUrl"], contents))
            for file in described.get("distribution", [])
            if "contentUrl" in file
        ),
    ]
    return [
        f"{file}: {what}: expected {right}, found {found}." for file, what, found, right in stated if found != right
    ]


def digest_of(name: str, contents: Mapping[str, bytes]) -> str | None:
    return sha256(contents[name]).hexdigest() if name in contents else None
