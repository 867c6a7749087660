"""How often each model would hold each rank on other patients: the ranking under the cluster bootstrap.

As challengeR does (Wiesenfarth et al. 2021, Sci Rep 11:2369): aggregate, then rank, on each resample.
"""

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from benchmarks.statistics.estimates.metrics import resampled
from benchmarks.statistics.panel import LOWER_IS_BETTER, arrange
from benchmarks.statistics.rankings.kendall import kendall


def rank_stability(
    cases: pd.DataFrame, metric: str, selection: str, *, resamples: int = 2000, seed: int = 0, level: float = 0.95
) -> pd.DataFrame:
    """Rank of each model with the range it keeps under resampling.

    Args:
        metric: any metric of `intervals.summarise`, or `joint_success`.

    Returns:
        A row per model, best first: `model, metric, estimate, rank, low, high` (quantiles of its rank),
        `share_first, kendall_tau` (mean agreement of a resample's ranking with the sample's, the same in every row;
        empty with one model), `groups`. Equal models share the better rank.
    """
    models, statistics, ranks, groups = _ranks_of_resamples(cases, metric, selection, resamples, seed)
    table = pd.DataFrame({"model": models, "metric": metric, "estimate": statistics, "rank": ranks[0]})
    tails = [(1 - level) / 2, (1 + level) / 2]
    table["low"], table["high"] = np.quantile(ranks[1:], tails, axis=0, method="nearest").astype(int)
    table["share_first"] = np.mean(ranks[1:] == 1, axis=0)
    table["kendall_tau"] = _mean_tau(ranks)
    table["groups"] = groups
    return table.sort_values(["rank", "model"], ignore_index=True)


def rank_shares(
    cases: pd.DataFrame, metric: str, selection: str, *, resamples: int = 2000, seed: int = 0
) -> pd.DataFrame:
    """Share of the resamples in which a model has a rank: a row per `model` and `rank`, `metric`, `share`."""
    models, _, ranks, _ = _ranks_of_resamples(cases, metric, selection, resamples, seed)
    places = np.arange(1, len(models) + 1)
    shares = np.mean(ranks[1:, :, None] == places, axis=0)
    return pd.DataFrame(
        {
            "model": np.repeat(models, len(models)),
            "metric": metric,
            "rank": np.tile(places, len(models)),
            "share": shares.ravel(),
        }
    )


def _ranks_of_resamples(cases, metric, selection, resamples, seed) -> tuple[list, np.ndarray, np.ndarray, int]:
    """Models, their estimates, and their ranks: first in the sample, then in each resample, `(1 + n, models)`."""
    panel = arrange(cases, selection)
    count = panel.groups.max() + 1
    statistics = resampled(panel, [metric], resamples, seed, jackknife=False)[metric]
    statistics = {model: values for model, values in statistics.items() if np.isfinite(values[0])}
    values = np.stack([*statistics.values()], axis=1) if statistics else np.empty((1 + resamples, 0))
    values = values[np.isfinite(values).all(axis=1)]  # a resample without one of the classes ranks nobody
    direction = 1 if metric in LOWER_IS_BETTER else -1
    ranks = rankdata(np.round(direction * values, 12), method="min", axis=1).astype(int)
    return list(statistics), values[0], ranks, count


def _mean_tau(ranks: np.ndarray) -> float:
    if ranks.shape[1] < 2 or len(np.unique(ranks[0])) < 2:
        return np.nan
    distinct, counts = np.unique(ranks[1:], axis=0, return_counts=True)
    taus = kendall(np.broadcast_to(ranks[0], distinct.shape), distinct)
    return np.average(taus[np.isfinite(taus)], weights=counts[np.isfinite(taus)])
