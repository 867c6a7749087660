"""Unpacking an archive without trusting it: no path leaves the folder, no links, no special files."""

import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from benchmarks.datasets.files import replacing
from benchmarks.errors import UserError

CLUTTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


def check_member(archive: Path, member: zipfile.ZipInfo) -> None:
    """Raise `UserError` where a member's path is absolute, climbs out of the folder, or is not a plain file."""
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise UserError(f"{archive.name}: its member {member.filename!r} would be written outside the folder; refused")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise UserError(f"{archive.name}: its member {member.filename!r} is a link or a special file; refused")


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip archive into `folder`, file by file and each atomically; desktop clutter is left out.

    Raises `UserError`, before anything is written, where the file is no zip archive or a member is unsafe; and where a
    member is damaged.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [
                member
                for member in opened.infolist()
                if not member.is_dir() and not set(PurePosixPath(member.filename).parts) & set(CLUTTER)
            ]
            for member in members:
                check_member(archive, member)
            for member in tqdm(members, f"unpacking {archive.name}", unit="file"):
                with (
                    replacing(folder / member.filename) as part,
                    opened.open(member) as source,
                    open(part, "wb") as file,
                ):
                    shutil.copyfileobj(source, file)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise UserError(f"{archive.name}: expected a whole zip archive ({error}); download it again") from error
