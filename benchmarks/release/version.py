"""The version, which `pyproject.toml`, `CITATION.cff`, `CHANGELOG.md` and the tag each state.

Released is what has a date in both `CITATION.cff` and the changelog. While work on a version goes on, the changelog
says `(unreleased)` and `CITATION.cff` has no date. The tag of version 1.2.3 is `v1.2.3`.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import yaml

from benchmarks.errors import UserError

UNRELEASED = "unreleased"
HEADING = re.compile(r"^## (?P<version>\S+) \((?P<date>[^)]+)\)$", re.MULTILINE)
PROJECT = "pyproject.toml"
STATING = (PROJECT, "CITATION.cff", "CHANGELOG.md")


class Release(NamedTuple):
    """What the files say that a release is."""

    package: str
    version: str
    released: date
    citation: dict[str, Any]

    @property
    def name(self) -> str:
        """What the release's files and the folder of the source begin with."""
        return f"{self.package}-{self.version}"


def tag_of(version: str) -> str:
    return f"v{version}"


def read_release(files: Mapping[str, bytes], tag: str) -> Release:
    """What is released, by the files at a tag.

    Args:
        files: content by path; `STATING` must be among them.
        tag: such as `v0.1.0`.

    Raises:
        UserError: the files, or files and tag, do not agree, or the version is not released.
    """
    if faults := disagreements(files, tag):
        raise UserError(
            "\n".join([f"the release {tag} does not agree with itself:", *(f"  {line}" for line in faults)])
        )
    citation = read_citation(files)
    project = read_project(files)
    return Release(project["name"], project["version"], as_date(citation["date-released"]), citation)


def disagreements(files: Mapping[str, bytes], tag: str | None) -> list[str]:
    """What does not agree, a line each: version and date of the three files, and of the tag where there is one."""
    if missing := [f"{name}: expected this file, found none." for name in STATING if name not in files]:
        return missing
    version = str(read_project(files)["version"])
    citation = read_citation(files)
    faults = []
    if str(citation.get("version")) != version:
        faults.append(
            f"CITATION.cff: expected version {version}, as in pyproject.toml, found {citation.get('version')}: "
            "write the same in both."
        )
    heading = HEADING.search(files["CHANGELOG.md"].decode())
    if heading is None or heading["version"] != version:
        faults.append(
            f"CHANGELOG.md: expected `## {version} (date)` as first heading, by pyproject.toml, found "
            f"{f'`{heading[0]}`' if heading else 'none of this form'}: write what has changed under its version."
        )
    elif wrong := dates_disagree(heading["date"], citation.get("date-released"), tag):
        faults.append(wrong)
    if tag is not None and tag != tag_of(version):
        faults.append(
            f"tag {tag}: expected {tag_of(version)}, by pyproject.toml: change the version in "
            f"{', '.join(STATING)} and commit, or set the right tag."
        )
    return faults


def dates_disagree(logged: str, cited: Any, tag: str | None) -> str | None:
    """What is wrong with the dates of changelog and citation, if anything."""
    if logged == UNRELEASED:
        if tag is not None:
            return (
                f"CHANGELOG.md: expected the release's date, found ({UNRELEASED}): write it there and in CITATION.cff."
            )
        return cited and f"CITATION.cff: expected no date-released, as CHANGELOG.md says ({UNRELEASED}), found {cited}."
    if str(cited) != logged:
        return (
            f"CITATION.cff: expected date-released {logged}, as in CHANGELOG.md, found {cited}: write one date in both."
        )
    try:
        date.fromisoformat(logged)
    except ValueError:
        return f"CHANGELOG.md: expected a date such as 2026-01-31, or {UNRELEASED}, found ({logged})."
    return None


def as_date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def read_project(files: Mapping[str, bytes]) -> dict[str, Any]:
    return tomllib.loads(files[PROJECT].decode())["project"]


def read_citation(files: Mapping[str, bytes]) -> dict[str, Any]:
    return yaml.safe_load(files["CITATION.cff"])
