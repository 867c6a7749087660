"""Unpacking an archive without trusting it: no path leaves the folder, no links, no special files."""

import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from benchmarks.datasets.files import replacing
from benchmarks.errors import UserError

CLUTTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


def check_members(archive: Path, members: list[zipfile.ZipInfo]) -> None:
    """Raise `UserError` where a member's path is absolute, climbs out of the folder, is no plain file's, or clashes."""
    files: set[PurePosixPath] = set()
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if not path.parts or path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise UserError(
                f"{archive.name}: its member {member.filename!r} would be written outside the folder; refused"
            )
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise UserError(f"{archive.name}: its member {member.filename!r} is a link or a special file; refused")
        if path in files:
            raise UserError(f"{archive.name}: it has two members {member.filename!r}; refused")
        files.add(path)
    folders = {parent for path in files for parent in path.parents}
    if clashing := files & folders:
        raise UserError(f"{archive.name}: its member {str(min(clashing))!r} is a file and a folder; refused")


def check_room(archive: Path, members: list[zipfile.ZipInfo], folder: Path) -> None:
    """Raise `UserError` where the members, as long as the archive says they are, do not fit on the disk."""
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    needed, free = sum(member.file_size for member in members), shutil.disk_usage(there).free
    if needed > free:
        raise UserError(f"{archive.name}: unpacked it has {needed} bytes, and {there} has room for {free}; make room")


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip archive into `folder`, file by file and each atomically; desktop clutter is left out.

    Raises:
        UserError: before anything is written, where the file is no zip archive, a member is unsafe, or the disk has no
            room; or a member is damaged, encrypted or compressed in a way that Python's zipfile cannot read.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [
                member
                for member in opened.infolist()
                if not member.is_dir() and not set(PurePosixPath(member.filename).parts) & set(CLUTTER)
            ]
            check_members(archive, members)
            check_room(archive, members, folder)
            for member in tqdm(members, f"unpacking {archive.name}", unit="file"):
                unpack_member(opened, member, folder)
    except UserError:
        raise
    except OSError as error:
        if error.errno is None:  # zipfile's own
            raise damaged(archive, error) from error
        raise UserError(f"{archive.name}: could not be unpacked into {folder} ({error})") from error
    except (
        Exception
    ) as error:  # zipfile raises many kinds: BadZipFile, zlib.error, RuntimeError of an encrypted one ...
        raise damaged(archive, error) from error


def unpack_member(opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    """Write one member, all of it: reading to its end is what checks its CRC."""
    with replacing(folder / member.filename) as part, opened.open(member) as source, open(part, "wb") as file:
        shutil.copyfileobj(source, file)
        if file.tell() != member.file_size:
            raise zipfile.BadZipFile(f"{member.filename!r} has {file.tell()} bytes of {member.file_size}")


def damaged(archive: Path, error: Exception) -> UserError:
    return UserError(f"{archive.name}: expected a whole zip archive ({error}); download it again")
