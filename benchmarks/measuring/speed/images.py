"""Image files to train and to measure on: the phantom's, about as large as BUSI's."""

from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("benign", "malignant")
ENLARGED = 3  # times the phantom's 160 to 200 pixels


def write_images(folder: Path, count: int, enlarged: int = ENLARGED) -> None:
    """Write `<number> <class>.png` and `<number> <class>_mask.png` for so many cases of the phantom.

    Those that a folder has already stay as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [number for number in range(count) if not list(folder.glob(f"{number:05d} *_mask.png"))]
    if not missing:
        return
    from benchmarks.datasets import phantom  # needs SciPy, which a bare training machine lacks

    for number in missing:
        case = next(phantom.generate(phantom.RECIPE["seed"], number))
        size = case.image.shape[1] * enlarged, case.image.shape[0] * enlarged
        name = f"{number:05d} {case.class_name}"
        Image.fromarray(case.image).resize(size, Image.Resampling.BICUBIC).save(folder / f"{name}.png")
        mask = Image.fromarray(case.union.astype(np.uint8) * 255).resize(size, Image.Resampling.BICUBIC)
        mask.point([255 * (level > 127) for level in range(256)]).save(folder / f"{name}_mask.png")


def image_files(folder: Path) -> list[tuple[Path, Path, int]]:
    """Image, mask and label of each case, in the order of their numbers."""
    masks = sorted(folder.glob("*_mask.png"))
    images = [path.with_name(path.name.replace("_mask", "")) for path in masks]
    return [(image, mask, CLASSES.index(image.stem.split()[1])) for image, mask in zip(images, masks, strict=True)]
