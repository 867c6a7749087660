"""Committed lists of a dataset's files, each known by its decoded pixels.

The authors publish BUSI and BrEaST as RGB and RGBA files; a mirror may hold the same pixels in one gray channel. Both
pass, because what is compared is the SHA-256 of the decoded pixels: of the gray image's bytes, or of a mask's zeros
and ones as bytes, row by row. A listed mask is 1 wherever its level is not 0: two pixels of BrEaST's case010 lie
between black and white and are part of its lesion. No mask of any other kind has the listed digest.
"""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.errors import UserError
from benchmarks.image_files import read_image, read_levels

FOLDER = Path(__file__).parent / "manifests"


@dataclass(frozen=True)
class Entry:
    """A file of the dataset: kind `image`, `mask` or `table`; size in pixels and digest for images and masks."""

    path: str
    kind: str
    width: int
    height: int
    pixel_sha256: str


def read_manifest(name: str) -> dict[str, Entry]:
    """The entries of `manifests/<name>.csv` by path."""
    with open(FOLDER / f"{name}.csv", newline="", encoding="utf-8") as file:
        return {
            row["path"]: Entry(
                row["path"], row["kind"], int(row["width"] or 0), int(row["height"] or 0), row["pixel_sha256"]
            )
            for row in csv.DictReader(file)
        }


def pixel_sha256(array: np.ndarray) -> str:
    """SHA-256 of an image's bytes, or of a mask's zeros and ones as bytes."""
    return hashlib.sha256(np.ascontiguousarray(array, dtype=np.uint8).tobytes()).hexdigest()


def read_entry(folder: Path, entry: Entry) -> np.ndarray:
    """Decode one listed image (uint8) or mask (bool), (height, width); `UserError` unless it is what the list says."""
    expected = f"expected {entry.kind} of {entry.width} x {entry.height} px"
    try:
        if entry.kind == "image":
            array = read_image(folder / entry.path, entry.path).levels
        else:
            array = read_levels(folder / entry.path, entry.path).levels > 0
    except UserError as error:
        raise UserError(f"{error}; {expected}") from error
    height, width = array.shape
    if (width, height) != (entry.width, entry.height):
        raise UserError(f"{entry.path}: {expected}, found {width} x {height} px")
    found = pixel_sha256(array)
    if found != entry.pixel_sha256:
        raise UserError(
            f"{entry.path}: {expected} with pixel SHA-256 {entry.pixel_sha256[:12]}..., found {found[:12]}..."
        )
    return array


def is_whole(folder: Path, entry: Entry) -> bool:
    """Whether a listed file is there and right. A table is only looked for: its reader checks what it says."""
    if entry.kind == "table":
        return (folder / entry.path).is_file()
    try:
        read_entry(folder, entry)
    except UserError:
        return False
    return True


def extra_files(folder: Path, expected: set[str]) -> list[str]:
    """A problem for every file under `folder` that is not expected; hidden files (of desktop systems) do not count."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return [
        f"{path.as_posix()}: not part of the dataset; remove it"
        for path in sorted(found)
        if path.as_posix() not in expected and not any(part.startswith(".") for part in path.parts)
    ]
