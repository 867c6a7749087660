"""Metrics of the class task under group weights, all resamples at once. Malignant is the positive class."""

import numpy as np

from benchmarks.statistics.panel import MALIGNANT_FROM
from benchmarks.statistics.resampling import group_sums

METRICS = (
    *("auc", "accuracy", "balanced_accuracy", "sensitivity", "specificity", "precision", "f1"),
    *("brier", "calibration_error"),
)
AT_SPECIFICITY = {"sensitivity_at_95_specificity": 0.95, "sensitivity_at_98_specificity": 0.98}
BINS = 10

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
    if metric == "auc":
        return np.stack([weighted_auc(p, labels, weights[:, groups]) for p in probabilities])
    if metric in AT_SPECIFICITY:
        target = AT_SPECIFICITY[metric]
        return np.stack([weighted_sensitivity(p, labels, weights[:, groups], target) for p in probabilities])
    if metric == "balanced_accuracy":
        both = [weighted_metric(m, probabilities, labels, groups, weights) for m in ("sensitivity", "specificity")]
        return np.mean(both, axis=0)
    if metric == "brier":
        return _share((probabilities - labels) ** 2, np.ones_like(probabilities), groups, weights)
    if metric == "calibration_error":
        return np.stack([_weighted_calibration_error(p, labels, groups, weights) for p in probabilities])
    malignant = np.broadcast_to(labels == 1, probabilities.shape)
    return _share(*SHARES[metric](probabilities > MALIGNANT_FROM, malignant), groups, weights)


def _share(counted: np.ndarray, among: np.ndarray, groups: np.ndarray, weights: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return ((weights @ group_sums(counted.T, groups)) / (weights @ group_sums(among.T, groups))).T


def weighted_auc(probability: np.ndarray, labels: np.ndarray, case_weights: np.ndarray) -> np.ndarray:
    """Area under the ROC curve under each row of weights `(rows, cases)`; ties count one half.

    The share of (malignant, benign) pairs in the right order, by sums over the sorted probabilities.
    """
    positive, negative = _weights_by_probability(probability, labels, case_weights)
    below = np.cumsum(negative, axis=1) - negative / 2
    with np.errstate(invalid="ignore"):
        return np.sum(positive * below, axis=1) / (positive.sum(axis=1) * negative.sum(axis=1))


def weighted_sensitivity(
    probability: np.ndarray, labels: np.ndarray, case_weights: np.ndarray, specificity: float
) -> np.ndarray:
    """The largest sensitivity on the ROC curve where specificity is at least `specificity`.

    The threshold is chosen anew under each row of weights: its own uncertainty belongs to the number.
    """
    positive, negative = _weights_by_probability(probability, labels, case_weights)
    hits = np.cumsum(positive[:, ::-1], axis=1)
    false_alarms = np.cumsum(negative[:, ::-1], axis=1)
    allowed = false_alarms <= (1 - specificity) * false_alarms[:, -1:] + 1e-9
    with np.errstate(invalid="ignore"):
        sensitivity = np.max(hits * allowed, axis=1) / hits[:, -1]
    return np.where(false_alarms[:, -1] > 0, sensitivity, np.nan)


def _weights_by_probability(probability, labels, case_weights) -> tuple[np.ndarray, np.ndarray]:
    """Weight of malignant and of benign cases at each distinct probability, ascending: `(rows, distinct)` each."""
    order = np.argsort(probability, kind="stable")
    starts = np.flatnonzero(np.diff(probability[order], prepend=-np.inf))
    ordered, label = case_weights[:, order], labels[order]
    return np.add.reduceat(ordered * label, starts, axis=1), np.add.reduceat(ordered * (1 - label), starts, axis=1)


def bin_of(probability: np.ndarray) -> np.ndarray:
    """Index of the bin of equal width, closed on the left; 1 belongs to the last."""
    return np.minimum((probability * BINS).astype(int), BINS - 1)


def _weighted_calibration_error(probability, labels, groups, weights) -> np.ndarray:
    """Sum over bins of |mean probability - share of malignant|, weighted by the share of the cases in the bin."""
    gaps = np.zeros((len(labels), BINS))
    gaps[np.arange(len(labels)), bin_of(probability)] = probability - labels
    with np.errstate(invalid="ignore"):
        return np.abs(weights @ group_sums(gaps, groups)).sum(axis=1) / (weights @ np.bincount(groups))
