"""pyproject.toml, CITATION.cff, CHANGELOG.md and the tag state one version and one date."""

from pathlib import Path

import pytest

from benchmarks.release.tag import git, told
from benchmarks.release.version import STATING, disagreements
from tests.release.conftest import TEXTS

ROOT = Path(__file__).parents[2]
FILES = {name: TEXTS[name].encode() for name in STATING}


def test_of_this_repository():
    """At a tag of a version, as released; else as unreleased or as just dated."""
    tags = [tag for tag in told(git(ROOT, "tag", "--points-at", "HEAD", check=False)).split() if tag.startswith("v")]
    files = {name: (ROOT / name).read_bytes() for name in STATING}
    assert [disagreements(files, tag) for tag in tags or [None]] == [[]] * max(1, len(tags))


def test_what_agrees():
    assert disagreements(FILES, "v1.2.0") == []
    assert disagreements(FILES, None) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("pyproject.toml", "1.2.0", "1.3.0", ["CITATION.cff: expected version 1.3.0", "CHANGELOG.md", "tag v1.2.0"]),
        ("CITATION.cff", "version: 1.2.0\ndate", "version: 1.1.0\ndate", ["CITATION.cff: expected version 1.2.0"]),
        (
            "CITATION.cff",
            "2026-02-03",
            "2026-02-04",
            ["date-released 2026-02-03, as in CHANGELOG.md, found 2026-02-04"],
        ),
        (
            "CITATION.cff",
            "date-released: 2026-02-03\n",
            "",
            ["date-released 2026-02-03, as in CHANGELOG.md, found None"],
        ),
        ("CHANGELOG.md", "## 1.2.0 (2026-02-03)\n", "", ["`## 1.2.0 (date)` as first heading"]),
        ("CHANGELOG.md", "(2026-02-03)", "(unreleased)", ["expected the release's date, found (unreleased)"]),
        ("CHANGELOG.md", "(2026-02-03)", "(February)", ["date-released February"]),
    ],
)
def test_what_does_not(name, old, new, told):
    changed = FILES | {name: FILES[name].replace(old.encode(), new.encode())}
    assert changed != FILES
    found = disagreements(changed, "v1.2.0")
    assert len(found) == len(told)
    assert all(part in line for part, line in zip(told, found, strict=True))


def test_unreleased_has_no_date():
    changed = FILES | {"CHANGELOG.md": FILES["CHANGELOG.md"].replace(b"(2026-02-03)", b"(unreleased)")}
    assert disagreements(changed, None) == [
        "CITATION.cff: expected no date-released, as CHANGELOG.md says (unreleased), found 2026-02-03."
    ]
    undated = changed | {"CITATION.cff": FILES["CITATION.cff"].replace(b"date-released: 2026-02-03\n", b"")}
    assert disagreements(undated, None) == []


def test_a_file_is_missing():
    assert disagreements({name: FILES[name] for name in STATING[:2]}, None) == [
        "CHANGELOG.md: expected this file, found none."
    ]
