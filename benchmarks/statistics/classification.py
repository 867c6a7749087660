"""Metrics of the class task under group weights, all resamples at once. Malignant is the positive class."""

import numpy as np

from benchmarks.statistics.panel import MALIGNANT_FROM
from benchmarks.statistics.resampling import group_sums

METRICS = (
    "auc",
    "accuracy",
    "balanced_accuracy",
    "sensitivity",
    "specificity",
    "precision",
    "f1",
    "brier",
    "calibration_error",
)
BINS = 10


def weighted_metrics(probability: np.ndarray, label: np.ndarray, groups: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """All of `METRICS` for one seed: `(rows of weights, 9)`. NaN where a metric is undefined.

    Args:
        probability: of malignant, `(cases,)`.
        label: 0 or 1, `(cases,)`.
        groups: code of each case's group, `(cases,)`.
        weights: `(rows, groups)`.
    """
    called = probability > MALIGNANT_FROM
    counts = np.stack([called & (label == 1), called & (label == 0), ~called & (label == 1), ~called & (label == 0)], 1)
    true_positive, false_positive, false_negative, true_negative = (weights @ group_sums(counts, groups)).T
    size = weights @ np.bincount(groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        sensitivity = true_positive / (true_positive + false_negative)
        specificity = true_negative / (true_negative + false_positive)
        columns = {
            "auc": weighted_auc(probability, label, weights[:, groups]),
            "accuracy": (true_positive + true_negative) / size,
            "balanced_accuracy": (sensitivity + specificity) / 2,
            "sensitivity": sensitivity,
            "specificity": specificity,
            "precision": true_positive / (true_positive + false_positive),
            "f1": 2 * true_positive / (2 * true_positive + false_positive + false_negative),
            "brier": weights @ group_sums((probability - label) ** 2, groups) / size,
            "calibration_error": weighted_calibration_error(probability, label, groups, weights),
        }
    return np.stack([columns[metric] for metric in METRICS], axis=1)


def weighted_auc(probability: np.ndarray, label: np.ndarray, case_weights: np.ndarray) -> np.ndarray:
    """Area under the ROC curve under each row of weights `(rows, cases)`; ties count one half.

    The share of (malignant, benign) pairs in the right order, by sums over the sorted probabilities.
    """
    order = np.argsort(probability, kind="stable")
    starts = np.flatnonzero(np.diff(probability[order], prepend=-np.inf))
    positive = np.add.reduceat(case_weights[:, order] * label[order], starts, axis=1)
    negative = np.add.reduceat(case_weights[:, order] * (1 - label[order]), starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative / 2
    with np.errstate(invalid="ignore"):
        return np.sum(positive * below, axis=1) / (positive.sum(axis=1) * negative.sum(axis=1))


def bin_of(probability: np.ndarray, bins: int = BINS) -> np.ndarray:
    """Index of the bin of equal width, closed on the left; 1 belongs to the last."""
    return np.minimum((probability * bins).astype(int), bins - 1)


def weighted_calibration_error(
    probability: np.ndarray, label: np.ndarray, groups: np.ndarray, weights: np.ndarray, bins: int = BINS
) -> np.ndarray:
    """Expected calibration error of the probability of malignant, 10 bins of equal width (Naeini et al. 2015).

    Sum over bins of |mean probability - share of malignant|, weighted by the share of the cases in the bin.
    """
    gaps = np.zeros((len(label), bins))
    gaps[np.arange(len(label)), bin_of(probability, bins)] = probability - label
    with np.errstate(invalid="ignore"):
        return np.abs(weights @ group_sums(gaps, groups)).sum(axis=1) / (weights @ np.bincount(groups))
