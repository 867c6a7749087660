"""A predicted mask and its outline on the image, as PNG files at the image's own size."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from benchmarks.scoring.segmentation import surface
from benchmarks.whole_files import write

OUTLINE = (255, 200, 0)
SIDES_PER_LINE = 400  # the outline is a pixel thick for so many of the shorter side


def write_mask(path: Path, mask: np.ndarray) -> None:
    """A mask, bool (height, width), as 0 and 255."""
    save(path, Image.fromarray(mask.astype(np.uint8) * 255))


def write_overlay(path: Path, levels: np.ndarray, mask: np.ndarray) -> None:
    """The outline of a mask, bool (height, width), on its image, uint8 of the same shape."""
    line = Image.fromarray(surface(mask).astype(np.uint8) * 255)
    if thicker := min(levels.shape) // SIDES_PER_LINE:
        line = line.filter(ImageFilter.MaxFilter(2 * thicker + 1))
    image = Image.fromarray(levels).convert("RGB")
    image.paste(OUTLINE, mask=line)
    save(path, image)


def save(path: Path, image: Image.Image) -> None:
    write(path, lambda partial: image.save(partial, "PNG", compress_level=1))
