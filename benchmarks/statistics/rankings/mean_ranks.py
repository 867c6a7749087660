"""Mean ranks over groups, whether they differ at all (Friedman), and which do (Nemenyi).

Demsar 2006, J Mach Learn Res 7:1. The block is the group, never the fold: folds share their training data. Rank 1 is
best; ties share the mean rank.
"""

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import chi2, rankdata, studentized_range

from benchmarks.statistics.panel import LOWER_IS_BETTER, arrange
from benchmarks.statistics.resampling import group_sums


def friedman(cases: pd.DataFrame, metric: str, selection: str) -> pd.DataFrame:
    """Friedman's rank test, corrected for ties.

    Returns:
        One row: `metric, chi_square, degrees_of_freedom, p_value, models, groups`; none with fewer than two models.
        With ties everywhere the statistic is 0 and p is 1.
    """
    _, ranks = _ranks(cases, metric, selection)
    columns = ["metric", "chi_square", "degrees_of_freedom", "p_value", "models", "groups"]
    groups, models = ranks.shape
    if models < 2:
        return pd.DataFrame(columns=columns)
    spread = np.sum((ranks - (models + 1) / 2) ** 2)
    between = groups**2 * np.sum((ranks.mean(axis=0) - (models + 1) / 2) ** 2)
    statistic = (models - 1) * between / spread if spread else 0.0
    row = (metric, statistic, models - 1, chi2.sf(statistic, models - 1), models, groups)
    return pd.DataFrame([row], columns=columns)


def critical_difference(cases: pd.DataFrame, metric: str, selection: str, *, level: float = 0.95) -> pd.DataFrame:
    """The numbers of a critical-difference diagram.

    Returns:
        A row per model, best first: `model, metric, mean_rank, critical_difference, bars, groups`. Models whose mean
        ranks lie within one critical difference share a bar of the diagram; `bars` lists the numbers of the bars
        that a model belongs to, separated by `;`, and is empty where it differs from all others.
    """
    models, ranks = _ranks(cases, metric, selection)
    table = pd.DataFrame({"model": models, "metric": metric, "mean_rank": ranks.mean(axis=0)})
    table = table.sort_values(["mean_rank", "model"], ignore_index=True)
    table["critical_difference"] = critical_distance(len(models), len(ranks), level) if len(models) > 1 else np.nan
    table["bars"] = _bars(table["mean_rank"].to_numpy(), table["critical_difference"].iloc[0]) if len(table) else ""
    return table.assign(groups=len(ranks))


def nemenyi(cases: pd.DataFrame, metric: str, selection: str) -> pd.DataFrame:
    """Nemenyi's test of every pair: `model_a, model_b, metric, rank_difference` (a minus b), `p_value, groups`."""
    models, ranks = _ranks(cases, metric, selection)
    means = ranks.mean(axis=0)
    pairs = list(combinations(range(len(models)), 2))
    table = pd.DataFrame([(models[a], models[b]) for a, b in pairs], columns=["model_a", "model_b"])
    differences = np.array([means[a] - means[b] for a, b in pairs])
    table["metric"], table["rank_difference"] = metric, differences
    statistic = np.abs(differences) / _standard_error(len(models), len(ranks)) * np.sqrt(2)
    table["p_value"] = studentized_range.sf(statistic, len(models), np.inf) if pairs else np.nan
    return table.assign(groups=len(ranks))


def critical_distance(models: int, blocks: int, level: float = 0.95) -> float:
    """The least difference of mean ranks that Nemenyi's test calls significant (Demsar 2006, section 3.2.2)."""
    return studentized_range.ppf(level, models, np.inf) / np.sqrt(2) * _standard_error(models, blocks)


def _standard_error(models: int, blocks: int) -> float:
    return np.sqrt(models * (models + 1) / (6 * blocks))


def _ranks(cases: pd.DataFrame, metric: str, selection: str) -> tuple[list[str], np.ndarray]:
    """The models, and their ranks in each group `(groups, models)` by the group's mean score."""
    panel = arrange(cases, selection)
    scores = panel.values(metric)
    if not scores:
        return [], np.empty((panel.groups.max() + 1, 0))
    means = np.stack([values.mean(axis=0) for values in scores.values()], axis=1)
    means = group_sums(means, panel.groups) / np.bincount(panel.groups)[:, None]
    direction = 1 if metric in LOWER_IS_BETTER else -1
    return list(scores), rankdata(np.round(direction * means, 12), axis=1)  # sums in another order still tie


def _bars(ranks: np.ndarray, distance: float) -> list[str]:
    """Numbers of the longest runs of sorted ranks that span no more than the distance, for each model."""
    last = np.searchsorted(ranks, ranks + distance, side="right") - 1
    bars = [(first, end) for first, end in enumerate(last) if end > first and (first == 0 or end > last[first - 1])]
    return [
        ";".join(str(number) for number, (first, end) in enumerate(bars, 1) if first <= place <= end)
        for place in range(len(ranks))
    ]
