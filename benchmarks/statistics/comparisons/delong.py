"""The difference of two areas under the ROC curve on the same cases, by DeLong's test: see `estimates/auc.py`."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from benchmarks.statistics.comparisons.multiplicity import holm
from benchmarks.statistics.estimates.auc import auc_with_variance, normal_interval
from benchmarks.statistics.panel import Reference, arrange


def compare_auc(
    cases: pd.DataFrame, selection: str, *, reference: Reference | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Paired DeLong test of each model against the reference, or of all pairs.

    Returns:
        A row per pair: `model_a, model_b, auc_a, auc_b, difference` (a minus b), `low, high, z, p_value, p_holm,
        cases, groups`. With one class, or a class in a single group, the test is undefined and its cells empty.
        Where no component differs between the two (the same order of all cases), p is 1.

    Raises:
        UserError: the reference is unknown, or see `panel.arrange`.
    """
    panel = arrange(cases, selection)
    probabilities = panel.values("probability")
    models = list(probabilities)
    pairs = panel.pairs(probabilities, reference)
    rows = []
    areas, covariance = np.empty(0), np.empty((0, 0))
    if pairs:
        seeds = [len(of_model) for of_model in probabilities.values()]
        stacked = np.concatenate(list(probabilities.values()))
        areas, covariance = auc_with_variance(stacked, panel.labels, panel.groups, seeds)
    for a, b in pairs:
        i, j = models.index(a), models.index(b)
        difference = areas[i] - areas[j]
        variance = covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]
        if np.isnan(variance):
            rows.append((a, b, areas[i], areas[j], difference, *[np.nan] * 4))
            continue
        variance = variance if variance > 1e-15 else 0.0  # what rounding leaves of equal components
        z = difference / np.sqrt(variance) if variance else (0.0 if abs(difference) < 1e-12 else np.nan)
        ends = normal_interval(difference, variance, level)
        rows.append((a, b, areas[i], areas[j], difference, *ends, z, 2 * norm.sf(abs(z))))
    columns = ["model_a", "model_b", "auc_a", "auc_b", "difference", "low", "high", "z", "p_value"]
    table = pd.DataFrame(rows, columns=columns)
    table["p_holm"] = holm(table["p_value"])
    return table.assign(cases=len(panel.facts), groups=panel.groups.max() + 1)
