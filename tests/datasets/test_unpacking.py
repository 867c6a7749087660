"""Archives are unpacked whole, or refused."""

import gzip
import io
import stat
import tarfile
import warnings
import zipfile
from types import SimpleNamespace

import pytest

from benchmarks.datasets.unpacking import unpack
from benchmarks.errors import UserError


def make_archive(path, members: dict[str, bytes], kind: int = stat.S_IFREG):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = (kind | 0o644) << 16
            archive.writestr(member, content)
    return path


def test_files_and_folders(tmp_path):
    archive = make_archive(
        tmp_path / "a.zip",
        {"set/a b (1).png": b"one", "set/deep/c": b"", "__MACOSX/set/._a": b"x", "set/.DS_Store": b"x"},
    )
    unpack(archive, tmp_path / "out")
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert found == {"set/a b (1).png", "set/deep/c"}
    assert (tmp_path / "out/set/a b (1).png").read_bytes() == b"one"


@pytest.mark.parametrize("name", ["../evil", "set/../../evil", "/evil", "..\\evil", "C:\\evil"])
def test_a_path_that_leaves_the_folder(tmp_path, name):
    archive = make_archive(tmp_path / "a.zip", {"good": b"1", name: b"2"})
    with pytest.raises(UserError, match="outside the folder"):
        unpack(archive, tmp_path / "deep" / "out")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.zip"]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_special_files(tmp_path, kind):
    archive = make_archive(tmp_path / "a.zip", {"link": b"/etc/passwd"}, kind)
    with pytest.raises(UserError, match="link or a special file"):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_damaged_archives(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.png", b"0123456789" * 100)
    whole = buffer.getvalue()
    flipped = whole[:200] + b"X" + whole[201:]
    for content in (b"<html>please sign in</html>", whole[:-30], flipped):
        (tmp_path / "a.zip").write_bytes(content)
        with pytest.raises(UserError, match="expected a whole zip archive"):
            unpack(tmp_path / "a.zip", tmp_path / "out")
    assert not (tmp_path / "out" / "a.png").exists()


WORDS = b"0123456789" * 200


def packed(compression: int = zipfile.ZIP_DEFLATED, name: str = "a.png") -> bytearray:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr(name, WORDS)
        archive.writestr("b.png", WORDS[::-1])
    return bytearray(buffer.getvalue())


def central(content: bytearray) -> int:
    """Where the directory's entry of the first member begins."""
    return content.index(b"PK\x01\x02")


def damaged_stream(compression: int):
    def change(content: bytearray) -> None:
        content[35 : 35 + 12] = bytes(byte ^ 0xFF for byte in content[35 : 35 + 12])

    return packed(compression), change


def encrypted(content: bytearray) -> None:
    content[6] |= 1
    content[central(content) + 8] |= 1


def method(number: int):
    def change(content: bytearray) -> None:
        content[8], content[central(content) + 10] = number, number

    return change


def wrong_checksum(content: bytearray) -> None:
    content[14] ^= 1
    content[central(content) + 16] ^= 1


def wrong_length(content: bytearray) -> None:
    content[central(content) + 25] ^= 1  # the length before compression


@pytest.mark.parametrize(
    ("content", "change"),
    [
        damaged_stream(zipfile.ZIP_STORED),
        damaged_stream(zipfile.ZIP_DEFLATED),
        damaged_stream(zipfile.ZIP_BZIP2),
        damaged_stream(zipfile.ZIP_LZMA),
        (packed(), encrypted),
        (packed(), method(9)),  # deflate64, which Python has not
        (packed(), method(99)),
        (packed(), wrong_checksum),
        (packed(), wrong_length),
        (packed(), lambda content: content.__delitem__(slice(100, 200))),
    ],
)
def test_archives_that_open_and_cannot_be_read_through(tmp_path, content, change):
    change(content)
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(UserError, match=r"a.zip: expected a whole zip archive \(.*\); download it again"):
        unpack(tmp_path / "a.zip", tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.part"))
    assert not (tmp_path / "out/a.png").exists()


@pytest.mark.parametrize("kind", ["w:", "w:gz", "w:xz"])
def test_other_archives_are_no_zip(tmp_path, kind):
    with tarfile.open(tmp_path / "a.zip", kind) as archive:
        archive.addfile(tarfile.TarInfo("a.png"))
    for content in ((tmp_path / "a.zip").read_bytes(), gzip.compress(WORDS), gzip.compress(WORDS)[:-9]):
        (tmp_path / "a.zip").write_bytes(content)
        with pytest.raises(UserError, match=r"a\.zip: expected a whole zip archive"):
            unpack(tmp_path / "a.zip", tmp_path / "out")


def test_zip64(tmp_path):
    """Of a writer that does not know how long a member will be."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a.png", "b.png"):
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(WORDS)
    unpack(tmp_path / "a.zip", tmp_path / "out")
    assert (tmp_path / "out/b.png").read_bytes() == WORDS


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("a.png", "a.png"), "two members 'a.png'"),
        (("a", "a/b.png"), "'a' is a file and a folder"),
        ((".",), "outside the folder"),
        (("a" * 300,), "could not be unpacked"),
    ],
)
def test_members_that_clash_or_cannot_be(tmp_path, names, message):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            for name in names:
                archive.writestr(name, b"1")
    with pytest.raises(UserError, match=message):
        unpack(tmp_path / "a.zip", tmp_path / "out")


def test_more_than_the_disk_has_room_for(tmp_path, monkeypatch):
    make_archive(tmp_path / "a.zip", {"a": b"0" * 100})
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=99))
    with pytest.raises(UserError, match=r"unpacked it has 100 bytes, and .* has room for 99"):
        unpack(tmp_path / "a.zip", tmp_path / "out")
