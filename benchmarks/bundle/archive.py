"""A sealed zip archive: the same bytes for the same content, a manifest with the digest of each file, and a last line
that is the digest of all bytes before it."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from benchmarks.errors import UserError
from benchmarks.whole_files import write

MANIFEST = "manifest.json"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first time that zip knows
READABLE = 0o100644 << 16  # a plain file, as Unix permissions stand in a zip
SEAL = 64  # hexadecimal digits of SHA-256: the archive's comment
BLOCK = 2**20
STORED = (".npz", ".pt", ".pth", ".parquet")  # as good as incompressible

Content = bytes | Path


def read_content(content: Content) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()


def content_digest(content: Content) -> str:
    """SHA-256, in hexadecimal digits."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with open(content, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_archive(path: Path, contents: Mapping[str, Content], manifest: dict[str, Any]) -> None:
    """Write a sealed archive, whole or not at all.

    Args:
        path: where.
        contents: what stands under each path within, as bytes or as a file.
        manifest: what is said of it; `files`, the digest of each path, is added.

    Raises:
        UserError: it cannot be written.
    """
    files = {name: content_digest(contents[name]) for name in sorted(contents)}
    text = json.dumps({**manifest, "files": files}, indent=1) + "\n"
    write(path, lambda partial: write_sealed(partial, {**contents, MANIFEST: text.encode()}))


def write_sealed(path: Path, contents: Mapping[str, Content]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(contents):
            add_member(archive, name, contents[name])
        archive.comment = b"0" * SEAL
    with open(path, "r+b") as file:
        file.seek(-SEAL, 2)
        seal = digest_before_seal(path)
        file.write(seal.encode())


def add_member(archive: zipfile.ZipFile, name: str, content: Content) -> int:
    """Add a file; returns how many bytes it takes in the archive, but for its entry in the list at the end."""
    member = zipfile.ZipInfo(name, EARLIEST)
    member.external_attr, member.create_system = READABLE, 3
    stored = name.endswith(STORED)
    archive.writestr(member, read_content(content), zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED, 6)
    return member.compress_size


def packed_size(contents: Mapping[str, Content]) -> int:
    """Bytes that files take in an archive, their entries in its list counted in."""
    total = 0
    with zipfile.ZipFile(Nowhere(), "w") as archive:  # ty: ignore[no-matching-overload]  (it only writes)
        for name in sorted(contents):
            total += add_member(archive, name, contents[name]) + 2 * len(name.encode()) + 200  # headers, digest
    return total


class Nowhere:
    """A file that forgets what is written to it."""

    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None:
        pass


def digest_before_seal(path: Path) -> str:
    """SHA-256 of all bytes of a file but the last 64."""
    total, left = hashlib.sha256(), path.stat().st_size - SEAL
    with open(path, "rb") as file:
        while left > 0 and (block := file.read(min(BLOCK, left))):
            total.update(block)
            left -= len(block)
    return total.hexdigest()


def check_seal(path: Path) -> None:
    """Raises `UserError` where the file is missing, cut short, changed by a byte, or no sealed archive."""
    if not path.is_file():
        raise UserError(f"{path}: not found; expected the archive that `python run.py` wrote.")
    size = path.stat().st_size
    with open(path, "rb") as file:
        file.seek(max(0, size - SEAL))
        seal = file.read()
    if size <= SEAL or seal != digest_before_seal(path).encode():
        raise UserError(
            f"{path}: expected a whole archive that ends in the digest of its other bytes; found one cut short, "
            "changed, or of another kind. Nothing was entered. Copy it once more from where it was made."
        )


def read_manifest(folder: Path, kind: str, where: Path) -> dict[str, Any]:
    """The manifest of an unpacked archive, once each file in the folder is one that it lists, of the digest it says.

    Args:
        folder: where the archive was unpacked.
        kind: `bundle` or `results`.
        where: the archive, for messages.

    Raises:
        UserError: it has none, or another kind's; files are missing, changed or too many.
    """
    manifest = parse_manifest(folder / MANIFEST, kind, where)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    check_files(folder, manifest["files"], where)
    if extra := sorted(found - set(manifest["files"])):
        raise UserError(f"{where}: {extra[0]} is not in its manifest. Nothing was entered. Copy the archive once more.")
    return manifest


def parse_manifest(path: Path, kind: str, where: Path) -> dict[str, Any]:
    """Raises `UserError` where the file is no manifest of this kind."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        files = manifest["files"]
        found = manifest["kind"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{where}: expected {MANIFEST}, found none that can be read ({error}).") from error
    if found != kind or not isinstance(files, dict):
        raise UserError(f"{where}: expected an archive of the kind {kind!r}, found {found!r}.")
    return manifest


def check_files(
    folder: Path, files: Mapping[str, str], where: Path, without: Callable[[str], bool] = lambda _: False
) -> None:
    """Raises `UserError` where a listed file is missing or has changed; those of `without` are not looked at."""
    for name, digest in files.items():
        if without(name):
            continue
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts:
            raise UserError(f"{where}: its manifest lists {name!r}, outside of it; refused.")
        path = folder / name
        if not path.is_file() or content_digest(path) != digest:
            told = "has changed" if path.is_file() else "is missing"
            raise UserError(f"{where}: {name} {told} since the archive was made. Unpack it anew, or copy it once more.")
