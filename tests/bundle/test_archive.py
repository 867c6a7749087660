"""Archives: the same bytes for the same content, and no byte of them may change."""

import hashlib
import json
import os
import time
import zipfile

import pytest

from benchmarks.bundle.archive import check_files, check_seal, packed_size, read_manifest, write_archive
from benchmarks.errors import UserError

CONTENTS = {"b/two.txt": b"two" * 1000, "one.pt": os.urandom(1000)}


def test_the_same_content_gives_the_same_bytes(tmp_path):
    (tmp_path / "two.txt").write_bytes(CONTENTS["b/two.txt"])
    write_archive(tmp_path / "first.zip", CONTENTS, {"kind": "results"})
    os.utime(tmp_path / "two.txt", (time.time() - 1e6,) * 2)
    other = {"one.pt": CONTENTS["one.pt"], "b/two.txt": tmp_path / "two.txt"}
    write_archive(tmp_path / "second.zip", other, {"kind": "results"})
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()


def test_any_unzip_reads_it_and_the_manifest_has_each_digest(tmp_path):
    write_archive(tmp_path / "a.zip", CONTENTS, {"kind": "results"})
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in CONTENTS} == CONTENTS
        files = json.loads(archive.read("manifest.json"))["files"]
    assert files == {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}


def test_every_changed_byte_is_found(tmp_path):
    path = tmp_path / "a.zip"
    write_archive(path, {"one.txt": b"1"}, {"kind": "results"})
    whole = path.read_bytes()
    check_seal(path)
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(UserError, match="found one cut short, changed"):
            check_seal(path)
    for length in (0, 10, 64, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(UserError, match="found one cut short, changed"):
            check_seal(path)
    with pytest.raises(UserError, match="not found"):
        check_seal(tmp_path / "none.zip")


def test_the_size_is_known_before_it_is_written(tmp_path):
    contents = {f"folder/{number}.txt": b"text" * 100 * number for number in range(50)} | CONTENTS
    write_archive(tmp_path / "a.zip", contents, {"kind": "results"})
    assert (tmp_path / "a.zip").stat().st_size <= packed_size(contents) + 1000
    assert packed_size(contents) < 2 * (tmp_path / "a.zip").stat().st_size + 1000


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "one.pt").write_bytes(b"other"), "one.pt has changed"),
        (lambda folder: (folder / "one.pt").unlink(), "one.pt is missing"),
        (lambda folder: (folder / "more.txt").write_text("x"), "more.txt is not in its manifest"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "expected manifest.json"),
        (lambda folder: (folder / "manifest.json").unlink(), "expected manifest.json"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(tmp_path, spoil, message):
    write_archive(tmp_path / "a.zip", CONTENTS, {"kind": "results"})
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(folder)
    read_manifest(folder, "results", tmp_path / "a.zip")
    with pytest.raises(UserError, match="expected an archive of the kind 'bundle', found 'results'"):
        read_manifest(folder, "bundle", tmp_path / "a.zip")
    spoil(folder)
    with pytest.raises(UserError, match=message):
        read_manifest(folder, "results", tmp_path / "a.zip")


@pytest.mark.parametrize("name", ["/etc/passwd", "../outside", "a/../../b"])
def test_a_manifest_names_nothing_outside(tmp_path, name):
    with pytest.raises(UserError, match="outside of it; refused"):
        check_files(tmp_path, {name: "0"}, tmp_path)
