"""Metrics of the class task under group weights, all resamples at once. Malignant is the positive class."""

import numpy as np

from benchmarks.scoring.classification import CALIBRATION_BINS, THRESHOLD
from benchmarks.statistics.resampling import group_sums

METRICS = (
    *("auc", "average_precision", "accuracy", "balanced_accuracy"),
    *("sensitivity", "specificity", "precision", "f1", "brier", "calibration_error"),
)
AT_SPECIFICITY = {"sensitivity_at_95_specificity": 0.95, "sensitivity_at_98_specificity": 0.98}

CHUNK = 2**19  # cases x rows of weights at once, so that their sums stay in the processor's cache

# The cases that a share counts, and the cases that it counts among (F1 counts a true positive among both kinds).
SHARES = {
    "sensitivity": lambda called, malignant: (called & malignant, malignant),
    "specificity": lambda called, malignant: (~called & ~malignant, ~malignant),
    "precision": lambda called, malignant: (called & malignant, called),
    "accuracy": lambda called, malignant: (called == malignant, np.ones_like(called)),
    "f1": lambda called, malignant: (2 * (called & malignant), called * 1 + malignant),
}


def weighted_metric(
    metric: str, probabilities: np.ndarray, labels: np.ndarray, groups: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """One metric for each seed under each row of group weights; NaN where it is undefined.

    Args:
        metric: one of `METRICS` or `AT_SPECIFICITY`.
        probabilities: of malignant, `(seeds, cases)`.
        labels: 0 or 1, `(cases,)`.
        groups: code of each case's group, `(cases,)`.
        weights: `(rows, groups)`.

    Returns:
        `(seeds, rows)`.
    """
    if metric in ("auc", "average_precision") or metric in AT_SPECIFICITY:
        return np.stack([_of_order(metric, p, labels, groups, weights) for p in probabilities])
    if metric == "balanced_accuracy":
        both = [weighted_metric(m, probabilities, labels, groups, weights) for m in ("sensitivity", "specificity")]
        return np.mean(both, axis=0)
    if metric == "brier":
        return _share((probabilities - labels) ** 2, np.ones_like(probabilities), groups, weights)
    if metric == "calibration_error":
        return np.stack([_weighted_calibration_error(p, labels, groups, weights) for p in probabilities])
    malignant = np.broadcast_to(labels == 1, probabilities.shape)
    return _share(*SHARES[metric](probabilities > THRESHOLD, malignant), groups, weights)


def _share(counted: np.ndarray, among: np.ndarray, groups: np.ndarray, weights: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return ((weights @ group_sums(counted.T, groups)) / (weights @ group_sums(among.T, groups))).T


def _of_order(
    metric: str, probability: np.ndarray, labels: np.ndarray, groups: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """A metric that rests on the order of the cases, of one seed: `(rows,)`."""
    malignant, benign = (np.flatnonzero(labels == side) for side in (1, 0))
    malignant = malignant[np.argsort(probability[malignant], kind="stable")]
    benign = benign[np.argsort(probability[benign], kind="stable")]
    lower = [np.searchsorted(probability[benign], probability[malignant], side) for side in ("left", "right")]
    first = np.searchsorted(probability[malignant], probability[malignant])  # malignant case of the same probability
    numbers = []
    for rows in np.array_split(weights, -(-weights.shape[0] * len(labels) // CHUNK)):
        columns = np.ascontiguousarray(rows.T)  # its rows are gathered many times
        upto = np.zeros((len(benign) + 1, len(rows)))
        np.cumsum(columns[groups[benign]], axis=0, out=upto[1:])
        sums = columns[groups[malignant]], upto[np.stack(lower)], upto[-1]
        if metric == "auc":
            numbers.append(_area(*sums))
        elif metric == "average_precision":
            numbers.append(_mean_precision(*sums, first))
        else:
            numbers.append(_sensitivity(*sums, AT_SPECIFICITY[metric]))
    return np.concatenate(numbers)


def _area(malignant: np.ndarray, below: np.ndarray, benign: np.ndarray) -> np.ndarray:
    """Area under the ROC curve: the share of (malignant, benign) pairs in the right order; ties count one half.

    Args:
        malignant: weights of the malignant cases by ascending probability, `(malignant, rows)`.
        below: those of the benign cases of lower, and of lower or equal probability, `(2, malignant, rows)`.
        benign: those of all benign cases, `(rows,)`.
    """
    with np.errstate(invalid="ignore"):
        return np.einsum("ij,kij->j", malignant, below) / 2 / (malignant.sum(axis=0) * benign)


def _mean_precision(malignant: np.ndarray, below: np.ndarray, benign: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The precision where malignant is called from a malignant case's probability on, mean over malignant cases.

    Args:
        first: place of the first malignant case of the same probability, `(malignant,)`.
    """
    hits = np.cumsum(malignant[::-1], axis=0)[::-1][first]
    called = hits + benign - below[0]
    precision = np.divide(hits, called, out=np.zeros_like(hits), where=called > 0)
    with np.errstate(invalid="ignore"):
        return np.einsum("ij,ij->j", malignant, precision) / malignant.sum(axis=0)


def _sensitivity(malignant: np.ndarray, below: np.ndarray, benign: np.ndarray, specificity: float) -> np.ndarray:
    """The largest sensitivity on the ROC curve where specificity is at least `specificity`.

    The threshold is chosen anew under each row of weights: its own uncertainty belongs to the number.
    """
    allowed = below[0] >= specificity * benign - 1e-9  # if malignant is called from this case's probability on
    hits = np.cumsum(malignant[::-1], axis=0)[::-1]
    with np.errstate(invalid="ignore"):
        sensitivity = np.max(hits * allowed, axis=0, initial=0) / malignant.sum(axis=0)
    return np.where(benign > 0, sensitivity, np.nan)


def bin_of(probability: np.ndarray) -> np.ndarray:
    """Index of the bin of equal width, closed on the left; 1 belongs to the last."""
    return np.minimum((probability * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)


def _weighted_calibration_error(probability, labels, groups, weights) -> np.ndarray:
    """Sum over bins of |mean probability - share of malignant|, weighted by the share of the cases in the bin."""
    gaps = np.zeros((len(labels), CALIBRATION_BINS))
    gaps[np.arange(len(labels)), bin_of(probability)] = probability - labels
    with np.errstate(invalid="ignore"):
        return np.abs(weights @ group_sums(gaps, groups)).sum(axis=1) / (weights @ np.bincount(groups))
