"""The whole distribution of scores: performance profiles and the interquartile mean.

Agarwal et al. 2021, NeurIPS 34; cases take the place of its tasks, seeds that of its runs.
"""

from functools import partial

import numpy as np
import pandas as pd

from benchmarks.statistics.panel import LOWER_IS_BETTER, arrange
from benchmarks.statistics.resampling import BLOCK, interval, over_resamples, weighted_means

CHUNK = 250  # resamples at once at most, so that the sums stay in the processor's cache


def performance_profiles(
    cases: pd.DataFrame,
    metric: str,
    selection: str,
    *,
    thresholds: np.ndarray | None = None,
    resamples: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of cases (of all seeds) that score at least a threshold; at most, where lower is better.

    Args:
        thresholds: 0, .02, ... 1 if not given; for distances, 51 steps up to the largest.

    Returns:
        A row per model and threshold: `model, metric, threshold, share, low, high`, pointwise percentile intervals
        of the cluster bootstrap.
    """
    panel = arrange(cases, selection)
    scores = panel.values(metric)
    columns = ["model", "metric", "threshold", "share", "low", "high"]
    if not scores:
        return pd.DataFrame(columns=columns)
    if thresholds is None:
        top = max(values.max() for values in scores.values())
        thresholds = np.arange(51) * max(top, 1.0) / 50  # exact in the second decimal, as scores are
    sign = -1 if metric in LOWER_IS_BETTER else 1
    count = panel.groups.max() + 1
    tables = []
    for model, values in scores.items():
        reached = (sign * values[..., None] >= sign * np.asarray(thresholds)).mean(axis=0)
        means = partial(weighted_means, reached, panel.groups)
        shares = over_resamples(means, count, resamples, seed, jackknife=False)
        low = high = np.nan
        if count > 1:
            low, high = np.quantile(shares[1:], [(1 - level) / 2, (1 + level) / 2], axis=0)
        rows = {"threshold": thresholds, "share": shares[0], "low": low, "high": high}
        tables.append(pd.DataFrame({"model": model, "metric": metric, **rows}))
    return pd.concat(tables, ignore_index=True)[columns]


def interquartile_mean(
    cases: pd.DataFrame, metric: str, selection: str, *, resamples: int = 2000, seed: int = 0, level: float = 0.95
) -> pd.DataFrame:
    """Mean of the middle half of all scores (cases x seeds): robust as the median, nearly as sharp as the mean.

    Where a quarter of the scores is no whole number, the scores at the edges count in part.

    Returns:
        A row per model: `model, metric, estimate, low, high, method, cases, groups, seeds`.
    """
    panel = arrange(cases, selection)
    count = panel.groups.max() + 1
    rows = []
    for model, values in panel.values(metric).items():
        means = partial(_middle_mean, values.ravel(), np.tile(panel.groups, len(values)))
        statistic = over_resamples(means, count, resamples, seed)
        ends = interval(statistic, count, level)
        rows.append((model, metric, statistic[0], *ends, len(panel.facts), count, len(values)))
    columns = ["model", "metric", "estimate", "low", "high", "method", "cases", "groups", "seeds"]
    return pd.DataFrame(rows, columns=columns)


def _middle_mean(values: np.ndarray, groups: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean of `values (n,)` between their weighted quartiles, for each row of `weights (rows, groups)`: `(rows,)`."""
    order = np.argsort(values, kind="stable")
    middle = np.empty(len(weights))
    rows = min(CHUNK, max(1, BLOCK // (8 * len(values))))
    for start in range(0, len(weights), rows):
        upto = np.cumsum(weights[start : start + rows, groups[order]], axis=1)
        total = upto[:, -1:]
        inside = np.diff(np.clip(upto, total / 4, 3 * total / 4), axis=1, prepend=total / 4)
        with np.errstate(invalid="ignore"):
            middle[start : start + rows] = inside @ values[order] / (total[:, 0] / 2)
    return middle
