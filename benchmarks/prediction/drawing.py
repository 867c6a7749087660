"""A predicted mask and its outline on the image, as PNG files at the image's own size."""

from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.scoring.segmentation import surface
from benchmarks.whole_files import write

OUTLINE = (255, 200, 0)
SIDES_PER_LINE = 400  # the outline is a pixel thick for so many of the shorter side


def write_mask(path: Path, mask: np.ndarray) -> None:
    """A mask, bool (height, width), as 0 and 255."""
    save(path, Image.fromarray(mask.astype(np.uint8) * 255))


def write_overlay(path: Path, levels: np.ndarray, mask: np.ndarray) -> None:
    """The outline of a mask, bool (height, width), on its image, uint8 of the same shape."""
    line = thickened(surface(mask), min(levels.shape) // SIDES_PER_LINE)
    image = np.repeat(levels[..., None], 3, axis=2)
    image[line] = OUTLINE
    save(path, Image.fromarray(image))


def thickened(line: np.ndarray, by: int) -> np.ndarray:
    """A line, bool (height, width), with so many pixels more on every side."""
    for axis in (0, 1):
        thin = np.moveaxis(line, axis, 0)
        line = line.copy()
        thick = np.moveaxis(line, axis, 0)
        for step in range(1, by + 1):
            thick[step:] |= thin[:-step]
            thick[:-step] |= thin[step:]
    return line


def save(path: Path, image: Image.Image) -> None:
    write(path, lambda partial: image.save(partial, "PNG", compress_level=1))
