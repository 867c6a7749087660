"""The difference of two areas under the ROC curve on the same cases, by DeLong's test: see `estimates/auc.py`.

Whether two areas are equivalent is asked of the same variance, as Liu et al. 2006, Stat Med 25:1219, do for paired
areas: with a flat prior the difference is normal about the estimate, and what of it lies within the region of practical
equivalence is its posterior probability. At 95% that asks for more than their two one-sided tests at 5%: both tails
together, not each, may hold 5%.
"""

import numpy as np
import pandas as pd
from scipy.stats import norm

from benchmarks.statistics.comparisons.multiplicity import holm
from benchmarks.statistics.comparisons.pairs import EQUIVALENT
from benchmarks.statistics.estimates.auc import auc_with_variance, normal_interval
from benchmarks.statistics.panel import Reference, arrange

REGIONS = ("p_equivalent", "p_better", "p_worse")


def compare_auc(
    cases: pd.DataFrame,
    selection: str,
    *,
    reference: Reference | None = None,
    level: float = 0.95,
    rope: float = EQUIVALENT,
) -> pd.DataFrame:
    """Paired DeLong test of each model against the reference, or of all pairs, and whether they are equivalent.

    Args:
        rope: half width of the region of practical equivalence.

    Returns:
        A row per pair: `model_a, model_b, auc_a, auc_b, difference` (a minus b), `low, high, z, p_value, p_holm,
        p_equivalent, p_better, p_worse, cases, groups`. With one class, or a class in a single group, the tests are
        undefined and their cells empty. Where no component differs between the two (the same order of all cases), p is
        1 and so is `p_equivalent`.

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
            rows.append((a, b, areas[i], areas[j], difference, *[np.nan] * 7))
            continue
        variance = variance if variance > 1e-15 else 0.0  # what rounding leaves of equal components
        z = difference / np.sqrt(variance) if variance else (0.0 if abs(difference) < 1e-12 else np.nan)
        ends = normal_interval(difference, variance, level)
        rows.append(
            (a, b, areas[i], areas[j], difference, *ends, z, 2 * norm.sf(abs(z)), *regions(difference, variance, rope))
        )
    columns = ["model_a", "model_b", "auc_a", "auc_b", "difference", "low", "high", "z", "p_value"]
    table = pd.DataFrame(rows, columns=[*columns, *REGIONS])
    table.insert(len(columns), "p_holm", holm(table["p_value"]))
    return table.assign(cases=len(panel.facts), groups=panel.groups.max() + 1)


def regions(difference: float, variance: float, rope: float) -> tuple[float, float, float]:
    """Posterior probabilities that a normal difference lies within -rope to rope, above it, and below it."""
    if not variance:
        return float(abs(difference) <= rope), float(difference > rope), float(difference < -rope)
    below, above = norm.cdf([-rope, -rope], [difference, -difference], np.sqrt(variance))
    return 1 - below - above, above, below
