"""What may be wrong with a dataset's files: problems are collected, so that a user sees all of them at once."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.errors import UserError
from benchmarks.image_files import read_image, read_mask

# Flags of a case that say how its files were read; told whenever a dataset is read.
TURNED, THRESHOLDED = "turned-upright", "mask-thresholded"
REMARKS = {
    TURNED: "stored turned, and read upright with their masks, as their EXIF data state",
    THRESHOLDED: "have a mask that is not of two levels (resized, or once stored with loss): lesion is what lies above "
    "half of its highest level",
}


@contextmanager
def collected(problems: list[str]) -> Generator[None]:
    """Append a `UserError` to `problems` and go on."""
    try:
        yield
    except UserError as error:
        problems.append(str(error))


def same_size(image: np.ndarray, mask: np.ndarray, name: str) -> None:
    """Raise `UserError` unless a mask, named `name`, has the size of its image."""
    if image.shape != mask.shape:
        height, width = image.shape
        raise UserError(
            f"{name}: expected the size of its image, {width} x {height} px, found {mask.shape[1]} x {mask.shape[0]}"
        )


def same_orientation(image: int, mask: int, name: str) -> None:
    """Raise `UserError` unless a mask, named `name`, states the EXIF orientation of its image."""
    if image != mask:
        raise UserError(
            f"{name}: expected the orientation of its image ({image} by EXIF), found {mask}; which of them is upright "
            "cannot be told. Save both upright, without EXIF data"
        )


def read_pair(
    image_path: Path, image_name: str, mask_path: Path, mask_name: str
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """An image, uint8 (height, width), its mask, bool of the same shape, and the flags that say how they were read.

    Raises:
        UserError: one of them is missing or cannot be read, or they differ in size or orientation.
    """
    image, mask = read_image(image_path, image_name), read_mask(mask_path, mask_name)
    same_orientation(image.orientation, mask.orientation, mask_name)
    same_size(image.levels, mask.lesion, mask_name)
    flags = ((TURNED,) if image.orientation > 1 else ()) + ((THRESHOLDED,) if mask.between else ())
    return image.levels, mask.lesion, flags
