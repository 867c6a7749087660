"""A release that was downloaded is whole, or what is wrong with it is told."""

import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from benchmarks.errors import UserError
from benchmarks.release import croissant
from benchmarks.release.check import check


@pytest.fixture
def downloaded(release_once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(release_once, tmp_path / "downloaded")


def sum_anew(folder: Path) -> None:
    """Checksums that fit whatever lies there, as one who changed a release would write them."""
    files = sorted(path for path in folder.iterdir() if path.name != "SHA256SUMS")
    lines = [f"{sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")

    return change


def test_a_whole_one(downloaded):
    done, faults = check(downloaded)
    assert faults == []
    assert done[-1] == "croissant.json by mlcroissant"
    assert done[0] == "15 files by their checksums"


def test_without_mlcroissant(downloaded, monkeypatch):
    monkeypatch.setattr(croissant, "installed", lambda: False)
    done, faults = check(downloaded)
    assert faults == []
    assert done[-1] == "not croissant.json: mlcroissant is not installed"


def test_a_changed_file(downloaded):
    with open(downloaded / "made-up-1.2.0-cases.csv", "a", encoding="utf-8") as file:
        file.write("\n")
    assert check(downloaded)[1] == ["made-up-1.2.0-cases.csv: another checksum than in SHA256SUMS: download it again."]


def test_a_missing_and_an_extra_file(downloaded):
    (downloaded / "LICENSE").rename(downloaded / "LICENSE.txt")
    (downloaded / "more").mkdir()
    assert [line.split(":")[0] for line in check(downloaded)[1]] == ["more", "LICENSE", "LICENSE.txt"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda folder: (folder / "LICENCES.md").unlink(), "LICENCES.md: every release has it"),
        (lambda folder: (folder / "notes.txt").touch(), "notes.txt: no release has it"),
        (replace("CITATION.cff", "1.2.0", "1.2.1"), "CITATION.cff: differs from the source's"),
        (replace(".zenodo.json", '"1.2.0"', '"1.2.1"'), ".zenodo.json: version: expected 1.2.0, found 1.2.1"),
        (replace("croissant.json", '"version": "1.2.0"', '"version": "2.0.0"'), "croissant.json: version"),
        (replace("croissant.json", "cr:Field", "cr:Fields"), "croissant.json: "),
        (replace("made-up-1.2.0-cases.csv", "0.25", "0.35"), "made-up-1.2.0-cases.csv: other rows"),
        (lambda folder: swap(folder, "tables", "pages"), "reports/index.html differs from the source's"),
    ],
)
def test_what_checksums_do_not_tell(downloaded, change, told):
    """Whoever changes a file can write its checksum anew; the source then contradicts it."""
    change(downloaded)
    sum_anew(downloaded)
    assert any(told in line for line in check(downloaded)[1])


def swap(folder: Path, part: str, by: str) -> None:
    shutil.copy(folder / f"made-up-1.2.0-{by}.zip", folder / f"made-up-1.2.0-{part}.zip")


def test_another_version_than_the_tag(downloaded):
    """Files renamed to a version that the source does not state."""
    for path in downloaded.iterdir():
        path.rename(path.with_name(path.name.replace("1.2.0", "1.3.0")))
    sum_anew(downloaded)
    with pytest.raises(UserError, match=r"expected all in a folder made-up-1\.3\.0, found made-up-1\.2\.0"):
        check(downloaded)


def test_no_release(tmp_path, downloaded):
    with pytest.raises(UserError, match="expected the checksums of a release, found no file"):
        check(tmp_path)
    (downloaded / "SHA256SUMS").write_text("nonsense\n", encoding="utf-8")
    with pytest.raises(UserError, match="expected lines"):
        check(downloaded)
