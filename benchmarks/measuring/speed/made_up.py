"""A dataset of any size: the phantom's image files, again and again, under new names; and predictions for it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.datasets.dataset import CLASSES, Case, Dataset
from benchmarks.image_files import read_image, read_mask
from benchmarks.measuring.speed.images import image_files
from benchmarks.scoring import run_length
from benchmarks.scoring.files import write_parquet
from benchmarks.scoring.predictions import COLUMNS
from benchmarks.scoring.truth import read_benchmark

NAME = "made-up"


def dataset_of(cases: int, folder: Path) -> Dataset:
    """So many cases, each of a group of its own, read from the folder's image files as a real dataset's are."""
    files = image_files(folder)

    def read(_: Path, problems: list[str]) -> Iterator[Case]:
        for number in range(cases):
            image, mask, label = files[number % len(files)]
            name = f"case {number:05d}"
            yield Case(name, CLASSES[label], name, read_image(image).levels, (read_mask(mask).lesion,))

    classes = Counter(CLASSES[files[number % len(files)][2]] for number in range(cases))
    return Dataset(NAME, NAME, "", "", "", {name: classes[name] for name in CLASSES}, cases, read)


def predictions_of(cases: pd.DataFrame, masks: np.ndarray) -> pd.DataFrame:
    """One run's: the truth on the network's grid, a pixel aside.

    Args:
        cases: `case, fold`.
        masks: (N, S, S) of 0 and 1.
    """
    table = cases[["case", "fold"]].assign(selection="inner_validation", seed=0, epoch=0, probability=0.5)
    table["height"], table["width"] = masks.shape[1:]
    table["mask"] = [run_length.encode(np.roll(mask, 1, 0).astype(bool)) for mask in masks]
    return table[COLUMNS]


def write_predictions(root: Path) -> None:
    """Write `reports/predictions/made-up/model.parquet` for the prepared benchmark of that name."""
    benchmark = read_benchmark(NAME, root)
    write_parquet(
        predictions_of(benchmark.cases, benchmark.masks), root / "reports" / "predictions" / NAME / "model.parquet"
    )
