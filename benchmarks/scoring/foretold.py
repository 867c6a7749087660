"""What a table will say of submitted predictions, and what about them fits and is yet hardly meant."""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks import image_files
from benchmarks.scoring import run_length
from benchmarks.scoring.classification import area_under_curve
from benchmarks.scoring.predictions import some
from benchmarks.scoring.segmentation import dice, to_native
from benchmarks.scoring.truth import PreparedBenchmark

# Dice gained on average, and in standard errors over cases: hardly chance, however good or weak the masks are. On
# busi-small the masks of MTL-ResNet-18, transposed, gain .08 by it; PAD-Net's, as they are, .06 by half a turn.
FAR_BETTER, ERRORS = 0.07, 5.0

# What may have become of a mask (H, W), by how it is told.
MOVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "read row by row instead of column by column (transposed)": lambda mask: mask.ravel("F").reshape(mask.shape),
    "inverted (lesion for background)": np.logical_not,
    "mirrored left to right": np.fliplr,
    "upside down": np.flipud,
    "turned by half": lambda mask: mask[::-1, ::-1],
}


class Foretold(NamedTuple):
    """Lines of what the table will say, and lines of doubt."""

    said: list[str]
    doubts: list[str]


def foretell(predictions: pd.DataFrame, benchmark: PreparedBenchmark) -> Foretold:
    """Both tasks, as far as they are predicted.

    Args:
        predictions: without problems (`predictions.problems`).
        benchmark: that they are of.
    """
    said, doubts = [], []
    given = predictions[predictions["mask"].notna()]
    if len(given):
        masks = [run_length.decode(row.mask, int(row.height), int(row.width)) for row in given.itertuples()]
        scores = [dice(*pair) for pair in native_pairs(given, masks, benchmark)]
        empty = sum(not mask.any() for mask in masks)
        said.append(f"Dice {np.mean(scores):.3f}, {empty} of {len(masks)} masks empty")
        doubts += doubts_of_masks(given, masks, benchmark)
    if predictions["probability"].notna().any():
        labels = predictions["case"].map(benchmark.cases.set_index("case")["label"])
        numbers = predictions["probability"].astype(float)
        seeds = [rows.index for _, rows in predictions.groupby("seed")]
        auc = float(np.mean([area_under_curve(labels[s].to_numpy(), numbers[s].to_numpy()) for s in seeds]))
        said.append(f"AUC {auc:.3f}, {numbers.nunique()} distinct probabilities of {len(numbers)}")
        doubts += doubts_of_probabilities(numbers, auc)
    return Foretold(said, doubts)


def native_pairs(
    given: pd.DataFrame, masks: list[np.ndarray], benchmark: PreparedBenchmark
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Each predicted mask at native size with the true one."""
    facts = (benchmark.cases[column] for column in ("case", "mask", "height", "width"))
    truth = {case: (counts, height, width) for case, counts, height, width in zip(*facts, strict=True)}
    for case, mask in zip(given["case"], masks, strict=True):
        counts, height, width = truth[case]
        yield to_native(mask, height, width), run_length.decode(counts, height, width)


def doubts_of_masks(given: pd.DataFrame, masks: list[np.ndarray], benchmark: PreparedBenchmark) -> Iterator[str]:
    """Masks that are all empty, all full, or would score far better otherwise."""
    if not any(mask.any() for mask in masks):
        yield f"all {len(masks)} masks are empty: is the lesion in a channel that is not read?"
        return
    if all(mask.all() for mask in masks):
        yield f"all {len(masks)} masks are full: every pixel is lesion."
        return
    inverted = [
        case for case, mask in zip(given["case"], masks, strict=True) if mask.any() and image_files.mask_doubt(mask)
    ]
    if len(inverted) > len(masks) / 2:
        yield (
            f"{len(inverted)} of {len(masks)} masks are lesion along their image's border, or nearly nothing or "
            f"everything: {some(inverted)}. Are they inverted?"
        )
    truths = true_masks(given, benchmark)
    as_given = dices(masks, truths)
    moved = {name: dices([move(mask) for mask in masks], truths) for name, move in MOVES.items()}
    best = max(moved, key=lambda name: moved[name].mean())
    if is_far_better(moved[best] - as_given):
        yield (
            f"the masks score a Dice of {as_given.mean():.2f}, and {moved[best].mean():.2f} if they are taken as "
            f"{best}. Turn them back, then submit them again."
        )


def true_masks(given: pd.DataFrame, benchmark: PreparedBenchmark) -> list[np.ndarray]:
    """The true mask of each row at the size of the predicted one: on the grid, or native."""
    row_of = {case: index for index, case in enumerate(benchmark.cases["case"])}
    masks = []
    for name, height, width in zip(given["case"], given["height"], given["width"], strict=True):
        index = row_of[name]
        case = benchmark.cases.iloc[index]
        on_grid = (int(height), int(width)) == (benchmark.grid, benchmark.grid)
        grid = benchmark.masks[index].astype(bool)
        masks.append(grid if on_grid else run_length.decode(case["mask"], case["height"], case["width"]))
    return masks


def dices(masks: list[np.ndarray], truths: list[np.ndarray]) -> np.ndarray:
    return np.array([dice(mask, truth) for mask, truth in zip(masks, truths, strict=True)])


def is_far_better(gains: np.ndarray) -> bool:
    """Whether gains of Dice, one a case, are large on average and more than chance."""
    error = gains.std(ddof=1) / math.sqrt(len(gains)) if len(gains) > 1 else math.inf
    return bool(gains.mean() > max(FAR_BETTER, ERRORS * error))


def doubts_of_probabilities(probabilities: pd.Series, auc: float) -> Iterator[str]:
    """Probabilities that are classes, that are all the same, or of the other class."""
    if math.isfinite(auc) and auc < 0.5:
        yield f"the AUC is {auc:.3f}, below one half: are these the probabilities of benign? Expected: of malignant."
    if (probabilities == probabilities.iloc[0]).all():
        yield f"all probabilities are {probabilities.iloc[0]:g}: the AUC says nothing."
    elif set(probabilities) == {0.0, 1.0}:
        yield (
            "all probabilities are 0 or 1: are these classes? An AUC of them is that of one threshold; give the "
            "probability of malignant before it is rounded."
        )
