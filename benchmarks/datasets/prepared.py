"""Prepared datasets as `prepare` wrote them, and the arrays that a benchmark makes of them."""

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks.configuration.stages import way_to
from benchmarks.errors import UserError
from benchmarks.scoring.run_length import decode

PREPARED = Path("prepared/datasets")


def read_prepared(dataset: str) -> tuple[pd.DataFrame, np.ndarray]:
    """The case table of `prepared/datasets/<dataset>/` and a read-only memory map of its pixels.

    Columns and layout: docs/contracts.md, "Prepared dataset". Raises `UserError` where the dataset is not prepared.
    """
    folder = PREPARED / dataset
    try:
        cases = pd.read_parquet(folder / "cases.parquet")
        pixels = np.load(folder / "pixels.npy", mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise UserError(
            f"{dataset}: {folder} is missing or incomplete ({error}); run {way_to('prepare', dataset)}"
        ) from error
    return cases, pixels


def image(case, pixels: np.ndarray) -> np.ndarray:
    """The image of one row of the case table (a Series or a named tuple), uint8 (height, width)."""
    return np.asarray(pixels[case.offset : case.offset + case.height * case.width]).reshape(case.height, case.width)


def benchmark_arrays(cases: pd.DataFrame, pixels: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images, masks and soft masks of the cases in their order, each uint8 (N, size, size).

    Images are resized by PIL's bilinear filter, which antialiases as torchvision's `Resize` does on PIL images; masks
    (0 and 1) are the union of a case's masks by nearest neighbour; soft masks (0 to 255) are its first mask alone by
    the bilinear filter, as the released ACSNet test loader sees it.
    """
    images, masks, soft_masks = np.zeros((3, len(cases), size, size), np.uint8)
    columns = ["height", "width", "mask", "first_mask", "offset"]
    for index, case in enumerate(cases[columns].itertuples(index=False)):
        union = decode(case.mask, case.height, case.width)
        first = decode(case.first_mask, case.height, case.width)
        images[index] = resized(image(case, pixels), size)
        masks[index] = resized(union.astype(np.uint8), size, Image.Resampling.NEAREST)
        soft_masks[index] = resized(first.astype(np.uint8) * 255, size, Image.Resampling.BILINEAR)
    return images, masks, soft_masks


def resized(array: np.ndarray, size: int, resampling: Image.Resampling = Image.Resampling.BILINEAR) -> np.ndarray:
    """An image, uint8 (height, width), as the (size, size) that a network sees of it."""
    return np.asarray(Image.fromarray(array).resize((size, size), resampling))
