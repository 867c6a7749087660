"""Scoring as the authors' released script does it, to the digit, each of its faults switchable alone.

Source: the training script of qqhe-frank/BUS-segmentation-and-classification (He et al. 2024, doi
10.1016/j.compbiomed.2024.108319), whose formulas are written anew here. For each test image it compares the predicted
mask with the first mask file of the image, both on the network's grid, the truth resized bilinearly and left with
values between 0 and 1. With every fault off, a pair scores as in `benchmarks.scoring.segmentation`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks.scoring import classification as standard_classification
from benchmarks.scoring.segmentation import (
    as_pair,
    coordinates,
    crop_to_union,
    nearest,
    percentile_95,
    surface,
    surface_distances,
    to_native,
)
from benchmarks.scoring.truth import Truth

METRICS = ("dice", "jaccard", "hd95", "asd")
SMOOTHING = 1e-5
# Kind of distance, shape and bytes of two masks, to their distances both ways.
Measured = dict[tuple[str, tuple[int, ...], bytes, bytes], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Faults:
    """Which faults of the released scoring are in force; V numbers as in the forensics table.

    V2 `region_distances`: arrays of shape (1, H, W) go to a three-dimensional erosion, which empties them, so that all
        of the lesion counts as its "border": a pixel that both masks share has distance 0.
        Off: distances between two-dimensional surfaces.
    V3 `soft_truth`: the truth, resized bilinearly, is not binarised. For Dice and Jaccard a pixel strictly between 0
        and 1 is neither hit, miss nor false alarm; for distances it is lesion. Off: lesion from 1/2 on.
    V4 `empty_is_perfect`: HD95 and ASD are 0 if either mask is empty, and 1e-5 in the denominators makes Dice and
        Jaccard of two empty masks 0. Off: the standard rules for empty masks, and no such term.
    V5 `mixed_averages`: precision and F1 are averaged over both classes by their sizes, recall without weights. Off:
        all three are of the malignant class.
    V8 `first_mask_only`: further masks of an image with several lesions are not read. Off: the union of its masks.
    V9 `network_grid`: masks are compared on the network's square grid, in its pixels. Off: at native size, where no
        truth is resized and V3 has nothing to act on.
    V10 `one_sided_distance`: ASD is the mean distance from the prediction to the truth, not back. Off: both directions.
    V10 `rounded_folds`: a score is the mean over folds of the folds' values, means over cases being rounded to three
        decimals first; the spread is the population standard deviation. Off: one value over all cases, the sample
        standard deviation of unrounded folds.
    """

    region_distances: bool = True
    soft_truth: bool = True
    empty_is_perfect: bool = True
    mixed_averages: bool = True
    first_mask_only: bool = True
    network_grid: bool = True
    one_sided_distance: bool = True
    rounded_folds: bool = True


RELEASED = Faults()
CORRECTED = Faults(*[False] * 8)


def score(
    prediction: np.ndarray, truth: Truth, faults: Faults = RELEASED, measured: Measured | None = None
) -> dict[str, float]:
    """Dice, Jaccard, HD95 and ASD of a predicted mask, bool, on the network's grid (S, S) or at native size.

    `measured`: distances of pairs of masks that were scored before; those of this pair are added.
    """
    size = truth.soft_mask.shape[0]
    if not faults.network_grid:
        mask = truth.first_mask if faults.first_mask_only else truth.mask
        return score_pair(to_native(prediction, *mask.shape), np.uint8(255) * mask, faults, measured)
    one = faults.first_mask_only or np.array_equal(truth.mask, truth.first_mask)
    soft = truth.soft_mask if one else soften(truth.mask, size)
    return score_pair(to_grid(prediction, size), soft, faults, measured)


def score_pair(
    prediction: np.ndarray, truth: np.ndarray, faults: Faults = RELEASED, measured: Measured | None = None
) -> dict[str, float]:
    """Dice, Jaccard, HD95 and ASD of a binary prediction and a truth from 0 to 255 of the same shape (H, W)."""
    if not faults.soft_truth:
        truth = np.where(truth >= 128, 255, 0)
    prediction, lesion = as_pair(prediction, truth > 0)
    overlap = overlap_scores(prediction, lesion, truth == 255, SMOOTHING if faults.empty_is_perfect else 0)
    return overlap | distance_scores(prediction, lesion, faults, {} if measured is None else measured)


def overlap_scores(
    prediction: np.ndarray, lesion: np.ndarray, certain: np.ndarray, smoothing: float
) -> dict[str, float]:
    """Dice and Jaccard from pixel counts; pixels of `lesion` that are not `certain` count nowhere."""
    hits = int(np.count_nonzero(prediction & certain))
    errors = int(np.count_nonzero(prediction & ~lesion) + np.count_nonzero(~prediction & certain))
    if not smoothing and not hits + errors:
        agreement = float(prediction.any() == lesion.any())
        return {"dice": agreement, "jaccard": agreement}
    return {"dice": 2 * hits / (2 * hits + errors + smoothing), "jaccard": hits / (hits + errors + smoothing)}


def distance_scores(prediction: np.ndarray, lesion: np.ndarray, faults: Faults, measured: Measured) -> dict[str, float]:
    """HD95 and ASD, in pixels of the masks given."""
    if not (prediction.any() and lesion.any()):
        best = faults.empty_is_perfect or not (prediction.any() or lesion.any())
        distance = 0.0 if best else float(np.hypot(*lesion.shape))
        return {"hd95": distance, "asd": distance}
    distances = region_distances if faults.region_distances else surface_distances
    key = distances.__name__, lesion.shape, prediction.tobytes(), lesion.tobytes()
    if key not in measured:
        measured[key] = distances(prediction, lesion)
    forward, backward = measured[key]
    both = np.concatenate([forward, backward])
    average = forward if faults.one_sided_distance else both
    return {"hd95": percentile_95(both), "asd": float(average.mean())}


def region_distances(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance of every pixel of `first` to the nearest pixel of `second`, and the other way; neither may be empty."""
    first, second = crop_to_union(first, second)
    return distances_to(second, first), distances_to(first, second)


def distances_to(target: np.ndarray, region: np.ndarray) -> np.ndarray:
    """Distance of every pixel of `region` to `target`, in no order: 0 if shared, else to the surface of `target`."""
    distances = np.zeros(np.count_nonzero(region))
    outside = coordinates(region & ~target)
    if len(outside):
        distances[: len(outside)] = nearest(outside, coordinates(surface(target)))
    return distances


def soften(mask: np.ndarray, size: int) -> np.ndarray:
    """Resize a binary mask (H, W) as the released test loader does: bilinearly by Pillow, to uint8 (size, size)."""
    return np.asarray(Image.fromarray(np.uint8(255) * mask).resize((size, size), Image.Resampling.BILINEAR))


def to_grid(mask: np.ndarray, size: int) -> np.ndarray:
    """A binary mask on the network's grid (size, size); one of another size is softened, then binarised at 1/2."""
    return mask if mask.shape == (size, size) else soften(mask, size) >= 128


def classification(labels: np.ndarray, probabilities: np.ndarray, faults: Faults = RELEASED) -> dict[str, float]:
    """Accuracy, precision, recall and F1 of labels (0 or 1) and probabilities of malignant, `(cases,)` each.

    The script calls the class with the larger output, benign on a tie. As in the library that it uses, an average runs
    over the classes that occur among labels or calls, and a score of 0/0 counts as 0.
    """
    labels, probabilities = standard_classification.checked(labels, probabilities)
    called = (probabilities > standard_classification.THRESHOLD).astype(int)
    scores = [class_scores(labels == name, called == name) for name in (0, 1)]
    accuracy = {"accuracy": float(np.mean(labels == called))}
    if not faults.mixed_averages:
        return accuracy | {name: scores[1][name] for name in ("precision", "recall", "f1")}
    occurring = [scores[name] for name in np.union1d(labels, called)]
    return accuracy | {
        "precision": sum(score["precision"] * score["share"] for score in occurring),
        "recall": sum(score["recall"] for score in occurring) / len(occurring),
        "f1": sum(score["f1"] * score["share"] for score in occurring),
    }


def class_scores(belongs: np.ndarray, called: np.ndarray) -> dict[str, float]:
    """Precision, recall and F1 of one class against the rest, 0/0 being 0, and its share of the cases."""
    hits, members, calls = int(np.sum(belongs & called)), int(np.sum(belongs)), int(np.sum(called))
    return {
        "precision": hits / max(calls, 1),
        "recall": hits / max(members, 1),
        "f1": 2 * hits / max(members + calls, 1),
        "share": members / len(belongs),
    }


def summarise_folds(values: Sequence[float], folds: Sequence[int], faults: Faults = RELEASED) -> tuple[float, float]:
    """Mean of a score per case, and the standard deviation of the folds' means."""
    scores = pd.Series(np.asarray(values, dtype=float))
    means = scores.groupby(np.asarray(folds)).mean().to_numpy()
    if faults.rounded_folds:
        means = np.around(means, 3)
        return float(means.mean()), float(means.std())
    return float(scores.mean()), sample_deviation(means)


def summarise_classification(cases: pd.DataFrame, faults: Faults = RELEASED) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation over folds of accuracy, precision, recall and F1; the script does not round these.

    `cases` has the columns `fold`, `label` and `probability`; NaN where the model gives no probabilities.
    """
    if cases["probability"].isna().all():
        return dict.fromkeys(("accuracy", "precision", "recall", "f1"), (np.nan, np.nan))
    folds = [classification(fold["label"], fold["probability"], faults) for _, fold in cases.groupby("fold")]
    values = {metric: np.array([fold[metric] for fold in folds]) for metric in folds[0]}
    if faults.rounded_folds:
        return {metric: (float(of_folds.mean()), float(of_folds.std())) for metric, of_folds in values.items()}
    pooled = classification(cases["label"], cases["probability"], faults)
    return {metric: (pooled[metric], sample_deviation(of_folds)) for metric, of_folds in values.items()}


def sample_deviation(values: np.ndarray) -> float:
    """Standard deviation with n - 1 in the denominator; NaN for a single value."""
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")


def table(cases: pd.DataFrame, faults: Faults = RELEASED) -> pd.DataFrame:
    """What the script prints at the end: `mean` and `standard_deviation` of each metric over the folds.

    Args:
        cases: a row per case, of one seed and one selection rule: `fold`, `label`, `probability` and the metrics of
            `METRICS` under these names; a column that is empty throughout gives NaN.
    """
    rows = {metric: summarise_folds(cases[metric], cases["fold"], faults) for metric in METRICS}
    rows |= summarise_classification(cases, faults)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "standard_deviation"]).rename_axis("metric")
