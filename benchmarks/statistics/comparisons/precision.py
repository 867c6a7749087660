"""What a benchmark can tell apart: the minimum detectable difference of each pair."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from benchmarks.statistics.panel import Reference, arrange
from benchmarks.statistics.resampling import group_sums


def minimum_detectable(
    cases: pd.DataFrame,
    metric: str,
    selection: str,
    *,
    reference: Reference | None = None,
    power: float = 0.8,
    level: float = 0.95,
) -> pd.DataFrame:
    """The least true difference that a two-sided paired test finds with the given power.

    Returns:
        A row per pair: `model_a, model_b, metric, standard_deviation` (of the differences of the cases),
        `standard_error` (of their mean, groups kept together), `design_effect` (its square over that of independent
        cases), `minimum_detectable, cases, groups`. Empty cells with one group.
    """
    panel = arrange(cases, selection)
    scores = panel.values(metric)
    multiple = norm.ppf((1 + level) / 2) + norm.ppf(power)
    rows = []
    for a, b in panel.pairs(scores, reference):
        difference = scores[a].mean(axis=0) - scores[b].mean(axis=0)
        spread = np.std(difference, ddof=1) if len(difference) > 1 else np.nan
        error = clustered_standard_error(difference, panel.groups)
        effect = error**2 * len(difference) / spread**2 if spread > 0 else np.nan
        rows.append((a, b, metric, spread, error, effect, multiple * error))
    columns = ["model_a", "model_b", "metric", "standard_deviation", "standard_error", "design_effect"]
    table = pd.DataFrame(rows, columns=[*columns, "minimum_detectable"])
    return table.assign(cases=len(panel.facts), groups=panel.groups.max() + 1)


def clustered_standard_error(values: np.ndarray, groups: np.ndarray) -> float:
    """Standard error of the mean over cases when whole groups are sampled: `values (cases,)`; NaN for one group.

    The linearised ratio mean with the factor G / (G - 1); Cameron and Miller 2015, J Hum Resour 50:317.
    """
    sums = group_sums(values - values.mean(), groups)
    if len(sums) < 2:
        return np.nan
    return float(np.sqrt(len(sums) / (len(sums) - 1) * np.sum(sums**2)) / len(values))
