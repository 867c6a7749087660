"""Archives are unpacked whole, or refused."""

import io
import stat
import zipfile

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
