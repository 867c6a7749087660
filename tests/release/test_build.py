"""What a release holds, that it is the same every time, and what is refused."""

import json
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from benchmarks.errors import UserError
from benchmarks.release.build import build
from tests.release.conftest import git

NAMES = {
    "made-up-1.2.0-source.tar.gz",
    "made-up-1.2.0-predictions.parquet",
    "made-up-1.2.0-external-predictions.parquet",
    "made-up-1.2.0-cases.csv",
    "made-up-1.2.0-external-cases.csv",
    "made-up-1.2.0-tables.zip",
    "made-up-1.2.0-pages.zip",
    "made-up-1.2.0-weights.zip",
    "constraints.txt",
    "CITATION.cff",
    "CHANGELOG.md",
    "LICENSE",
    "LICENCES.md",
    ".zenodo.json",
    "croissant.json",
    "SHA256SUMS",
}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_one_folder_of_files(release_once):
    assert release_once.name == "made-up-1.2.0"
    assert {path.name for path in release_once.iterdir() if path.is_file()} == NAMES
    subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=release_once, check=True, capture_output=True
    )


def test_twice_gives_the_same_bytes(release_once, repository, tmp_path):
    """In another folder, with other times of files, another umask, another time zone and user settings of git."""
    git(repository, "config", "tar.umask", "0077")
    for path in repository.rglob("*"):
        if ".git" not in path.parts:
            os.utime(path, (0, 0))
    before = os.umask(0o077)
    try:
        again = build(repository, tmp_path / "again")
    finally:
        os.umask(before)
    assert contents(again) == contents(release_once)
    assert contents(build(repository, tmp_path / "again")) == contents(release_once)  # in its own place
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == ["made-up-1.2.0"]


def test_parts_hold_what_git_holds(release_once, repository):
    """Nothing that git ignores, even though it lies there."""
    tracked = git(repository, "ls-files").splitlines()
    with tarfile.open(release_once / "made-up-1.2.0-source.tar.gz") as source:
        names = {member.name for member in source if member.isfile()}
    assert names == {f"made-up-1.2.0/{path}" for path in tracked}
    parts = {"tables": "reports/tables/made/main.csv", "pages": "reports/index.html"}
    for part, path in (parts | {"weights": "weights/made/unet/seed0-fold0.safetensors"}).items():
        with zipfile.ZipFile(release_once / f"made-up-1.2.0-{part}.zip") as archive:
            assert archive.namelist() == [path]
            assert archive.read(path) == (repository / path).read_bytes()


def test_what_git_ignores_stays_out(release_once, repository, tmp_path):
    (repository / "reports/local").mkdir()
    (repository / "reports/local/index.html").write_text("<img>", encoding="utf-8")
    assert contents(build(repository, tmp_path)) == contents(release_once)


def test_licences_of_every_part(release_once):
    """The terms are those that the datasets' readers state."""
    text = (release_once / "LICENCES.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in text for name in NAMES - {"LICENCES.md"})
    rows = {line.split("`")[1]: line.split("|")[3].strip() for line in text.splitlines() if line.startswith("| `")}
    assert rows["made-up-1.2.0-predictions.parquet"] == "busi"
    assert rows["made-up-1.2.0-external-cases.csv"] == "breast, busi"
    assert rows["made-up-1.2.0-weights.zip"] == "busi"
    assert "- terms: CC BY 4.0\n" in text  # BrEaST
    assert "doi 10.17632/k8t3gnx9h6.1" in text  # BUSI
    assert "- data: to be attributed\n" in text  # as the weights say
    assert "`udiat`" not in text


def test_zenodo_is_what_the_citation_says(release_once):
    record = json.loads((release_once / ".zenodo.json").read_text(encoding="utf-8"))
    assert record["creators"] == [{"name": "Doe, Jo", "orcid": "0000-0001-2345-6789"}, {"name": "The others"}]
    assert record["title"] == "A made-up benchmark"
    assert (record["version"], record["publication_date"], record["license"]) == ("1.2.0", "2026-02-03", "MIT")
    assert [one["identifier"] for one in record["related_identifiers"]] == ["10.1000/182"]


def refused(repository: Path, tmp_path: Path) -> str:
    with pytest.raises(UserError) as error:
        build(repository, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    return str(error.value)


def test_a_dirty_tree_is_refused(repository, tmp_path):
    (repository / "LICENSE").write_text("Another\n", encoding="utf-8")
    message = refused(repository, tmp_path)
    assert "expected everything committed" in message
    assert "LICENSE" in message


def test_a_file_that_git_does_not_know_is_refused(repository, tmp_path):
    (repository / "new.py").touch()
    assert "?? new.py" in refused(repository, tmp_path)


def test_no_tag_is_refused(repository, tmp_path):
    git(repository, "tag", "--delete", "v1.2.0")
    message = refused(repository, tmp_path)
    assert "expected tag v1.2.0, the version of pyproject.toml, found no tag there" in message
    assert "git tag v1.2.0" in message


def test_a_commit_after_the_tag_is_refused(repository, tmp_path):
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "More")
    assert "found no tag there" in refused(repository, tmp_path)


def test_another_tag_is_refused(change, tmp_path):
    repository = change("LICENSE", "MIT", "The MIT", tag="v2.0.0")
    assert "expected tag v1.2.0, the version of pyproject.toml, found v2.0.0" in refused(repository, tmp_path)


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("CITATION.cff", "version: 1.2.0\ndate", "version: 1.1.0\ndate", "CITATION.cff: expected version 1.2.0"),
        ("CHANGELOG.md", "## 1.2.0", "## 1.2.1", "CHANGELOG.md: expected `## 1.2.0 (date)`"),
        ("CHANGELOG.md", "2026-02-03", "unreleased", "expected the release's date"),
        ("params.yaml", "made:", "other:", "expected results of a benchmark of params.yaml"),
        ("reports/cases/made/unet.csv", "assd", "asd", "missing: ['assd'], not described: ['asd']"),
    ],
)
def test_what_does_not_agree_is_refused(change, tmp_path, name, old, new, told):
    assert told in refused(change(name, old, new), tmp_path)


def test_a_folder_of_something_else_is_kept(repository, tmp_path):
    there = tmp_path / "out/made-up-1.2.0/mine.txt"
    there.parent.mkdir(parents=True)
    there.touch()
    with pytest.raises(UserError, match="expected a release or nothing"):
        build(repository, tmp_path / "out")
    assert there.exists()


def test_no_repository_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    assert "expected a git repository" in refused(tmp_path / "empty", tmp_path)
