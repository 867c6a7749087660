"""From image files to arrays: the only place where pixels are decoded."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from benchmarks.errors import UserError


@contextmanager
def collected(problems: list[str]) -> Generator[None]:
    """Append a `UserError` to `problems` and go on, so that a user sees all of a dataset's faults at once."""
    try:
        yield
    except UserError as error:
        problems.append(str(error))


def decode(path: Path, name: str | None = None) -> Image.Image:
    """The image in a file, fully decoded, transparency composited on black (some files hide colour beneath it).

    Raises `UserError`, under `name`, where the file is missing or cannot be decoded to its end.
    """
    name = name or str(path)
    if not path.is_file():
        raise UserError(f"{name}: missing")
    try:
        with Image.open(path) as image:
            image.load()
    except UnidentifiedImageError as error:
        raise UserError(f"{name}: not an image") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UserError(f"{name}: truncated or damaged ({error})") from error
    if "A" in image.getbands() or "transparency" in image.info:
        black = Image.new("RGBA", image.size, (0, 0, 0, 255))
        image = Image.alpha_composite(black, image.convert("RGBA"))
    return image


def gray_image(path: Path, name: str | None = None) -> np.ndarray:
    """The image as uint8 (height, width); colour becomes luminance (ITU-R 601, PIL's `convert("L")`)."""
    return np.asarray(decode(path, name).convert("L"))


def binary_mask(path: Path, name: str | None = None) -> np.ndarray:
    """The mask as bool (height, width): wherever the luminance is not 0."""
    return gray_image(path, name) > 0


def same_size(image: np.ndarray, mask: np.ndarray, name: str) -> None:
    """Raise `UserError` unless a mask, named `name`, has the size of its image."""
    if image.shape != mask.shape:
        height, width = image.shape
        raise UserError(
            f"{name}: expected the size of its image, {width} x {height} px, found {mask.shape[1]} x {mask.shape[0]}"
        )
