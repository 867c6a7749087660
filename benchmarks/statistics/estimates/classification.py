"""Metrics of the class task under group weights, all resamples at once. Malignant is the positive class."""

import numpy as np

from benchmarks.scoring.classification import CALIBRATION_BINS, THRESHOLD
from benchmarks.statistics.resampling import group_sums

METRICS = (
    *("auc", "average_precision", "accuracy", "balanced_accuracy"),
    *("sensitivity", "specificity", "precision", "f1", "brier", "calibration_error"),
)
AT_SPECIFICITY = {"sensitivity_at_95_specificity": 0.95, "sensitivity_at_98_specificity": 0.98}

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
        columns = np.ascontiguousarray(weights.T)
        ordered = (_order(p, labels, groups, columns) for p in probabilities)
        if metric == "auc":
            return np.stack([_area(*of_seed) for of_seed in ordered])
        if metric == "average_precision":
            ties = (_first_of_equals(p[labels == 1]) for p in probabilities)
            return np.stack([_mean_precision(*of_seed, first) for of_seed, first in zip(ordered, ties, strict=True)])
        return np.stack([_sensitivity(*of_seed, AT_SPECIFICITY[metric]) for of_seed in ordered])
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


def _order(probability, labels, groups, columns) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Malignant cases by ascending probability, and how many benign ones stand below each.

    Args:
        columns: weights of the groups, `(groups, rows)`, contiguous: its rows are gathered many times.

    Returns:
        Weights of the malignant cases, `(malignant, rows)`; of the benign cases of lower, and of lower or equal
        probability, `(2, malignant, rows)`; of all benign cases, `(rows,)`.
    """
    malignant, benign = (np.flatnonzero(labels == side) for side in (1, 0))
    malignant = malignant[np.argsort(probability[malignant], kind="stable")]
    benign = benign[np.argsort(probability[benign], kind="stable")]
    upto = np.zeros((len(benign) + 1, columns.shape[1]))
    np.cumsum(columns[groups[benign]], axis=0, out=upto[1:])
    below = [np.searchsorted(probability[benign], probability[malignant], side) for side in ("left", "right")]
    return columns[groups[malignant]], upto[np.stack(below)], upto[-1]


def _area(malignant: np.ndarray, below: np.ndarray, benign: np.ndarray) -> np.ndarray:
    """Area under the ROC curve: the share of (malignant, benign) pairs in the right order; ties count one half."""
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


def _first_of_equals(values: np.ndarray) -> np.ndarray:
    """For each value in ascending order the place of the first one that equals it."""
    ordered = np.sort(values)
    return np.searchsorted(ordered, ordered)


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
