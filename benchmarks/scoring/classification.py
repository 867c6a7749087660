"""Scoring of malignancy probabilities. Malignant (1) is the positive class; a case is called malignant above .5."""

import numpy as np
from scipy.stats import rankdata

from benchmarks.errors import UserError

THRESHOLD = 0.5
"""A probability above it calls malignant: the larger of two class probabilities, a tie being benign."""

CALIBRATION_BINS = 10
"""Bins of equal width over [0, 1] for the expected calibration error, closed on the left; 1 belongs to the last."""


def score(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """All metrics of the class task; one that is undefined (0/0, or a single class for the AUC) is NaN.

    Chance gives an average precision of the share of malignant cases, not of 1/2.

    Args:
        labels: 0 benign or 1 malignant, `(cases,)`.
        probabilities: of malignant, `(cases,)`.

    Raises:
        UserError: no case, other labels, or a probability that is missing or outside [0, 1].
    """
    labels, probabilities = checked(labels, probabilities)
    malignant, called = labels == 1, probabilities > THRESHOLD
    hits, false_alarms = np.sum(called & malignant), np.sum(called & ~malignant)
    misses, correct_rejections = np.sum(~called & malignant), np.sum(~called & ~malignant)
    sensitivity = ratio(hits, hits + misses)
    specificity = ratio(correct_rejections, correct_rejections + false_alarms)
    return {
        "auc": area_under_curve(labels, probabilities),
        "average_precision": average_precision(labels, probabilities),
        "accuracy": ratio(hits + correct_rejections, len(labels)),
        "balanced_accuracy": (sensitivity + specificity) / 2,
        "sensitivity": sensitivity,
        "specificity": specificity,
        "precision": ratio(hits, hits + false_alarms),
        "f1": ratio(2 * hits, 2 * hits + false_alarms + misses),
        "brier": float(np.mean((probabilities - labels) ** 2)),
        "calibration_error": calibration_error(labels, probabilities),
    }


def area_under_curve(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The share of (malignant, benign) pairs in the right order, a tie counting one half; NaN for a single class."""
    malignant = int(np.sum(labels == 1))
    benign = len(labels) - malignant
    ranks = rankdata(probabilities)
    return ratio(ranks[labels == 1].sum() - malignant * (malignant + 1) / 2, malignant * benign)


def average_precision(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The precision where malignant is called from a malignant case's probability on, mean over malignant cases; NaN
    without one.

    That is the area under the steps of the precision-recall curve, as `sklearn.metrics.average_precision_score` has
    it, without interpolation; cases of one probability are called together.
    """
    called, hits = rankdata(-probabilities, "max"), rankdata(-probabilities[labels == 1], "max")
    return ratio(np.sum(hits / called[labels == 1]), len(hits))


def calibration_error(labels: np.ndarray, probabilities: np.ndarray, bins: int = CALIBRATION_BINS) -> float:
    """Expected calibration error (Naeini et al. 2015): |mean probability - share malignant| per bin, weighted by the
    bin's share of the cases.

    Bins are closed on the left. Among n cases, one of probability p on an edge moves the error by at most
    2 |p - label| / n if it falls one bin lower: a malignant one of exactly .3 by up to .07 of 20 cases and .0022 of
    647. So it does where bins are closed on the right, as scikit-learn's `calibration_curve` has them, and in
    torchmetrics 1.9.0, whose bins are closed on the left, but whose edge in float64 is 3 * 0.1 > .3.
    """
    bin_of = np.minimum((probabilities * bins).astype(int), bins - 1)
    gaps = np.bincount(bin_of, weights=probabilities - labels, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


def ratio(numerator: float, denominator: float) -> float:
    """Their quotient; NaN for 0/0."""
    return float(numerator / denominator) if denominator else float("nan")


def checked(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two as arrays of numbers, after making sure that every case has a label and a probability."""
    labels, probabilities = np.asarray(labels), np.asarray(probabilities, dtype=float)
    if labels.shape != probabilities.shape or labels.ndim != 1 or not labels.size:
        raise UserError(
            "classification: expected a label and a probability for each of at least one case; "
            f"found {labels.shape} labels and {probabilities.shape} probabilities"
        )
    if not np.isin(labels, (0, 1)).all():
        raise UserError(f"classification: labels must be 0 (benign) or 1 (malignant); found {np.unique(labels)[:5]}")
    outside = probabilities[~((probabilities >= 0) & (probabilities <= 1))]
    if outside.size:
        raise UserError(f"classification: probabilities must lie in [0, 1]; found {outside[0]} ({outside.size} such)")
    return labels, probabilities
