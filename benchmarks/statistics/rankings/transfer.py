"""Whether models rank alike on another dataset: Kendall's tau between both rankings, under resampling of either."""

from functools import partial

import numpy as np
import pandas as pd

from benchmarks.statistics.estimates.networks import Networks, group_count, metric_of, networks_of
from benchmarks.statistics.rankings.kendall import kendall, pair_signs
from benchmarks.statistics.resampling import over_resamples

COLUMNS = ["metric", "models", "tau", "low", "high", "tau_internal", "best_internal", "best_external", "pairs_reversed"]


def ranking_transfer(
    internal: pd.DataFrame,
    external: pd.DataFrame,
    *,
    metrics: tuple[str, ...] = ("dice", "auc"),
    resamples: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Agreement of the models' order on their own test folds with that on another dataset.

    Args:
        internal, external: as in `comparisons.transfer.transfer`. Metrics of which more is better.

    Returns:
        A row per metric that at least two models have on both sides: `models` (how many); `tau` (Kendall's tau-b) with
        percentiles of the resamples of both datasets, which noise in either ranking draws towards 0; `tau_internal`,
        the mean tau of the internal ranking with itself on resampled patients: what to expect without a change of
        hospital; who is best on either side; how many pairs of models change places.
    """
    own, others = networks_of(internal), networks_of(external)
    rows = []
    for metric in metrics:
        models = [m for m, networks in others.items() if m in own and networks.has(metric) and own[m].has(metric)]
        if len(models) < 2:
            continue
        sides = []
        for place, networks in enumerate((own, others)):
            tested = [networks[model].only({run for run, _ in others[model].each()}) for model in models]
            of_each, count = partial(metric_of_each, tested, metric), group_count(networks)
            sides.append(over_resamples(of_each, count, resamples, seed + place, jackknife=False))
        inside, outside = sides
        taus = kendall(inside, outside)
        low, high = np.nanquantile(taus[1:], [(1 - level) / 2, (1 + level) / 2])
        at_home = np.nanmean(kendall(inside[1:], np.broadcast_to(inside[0], inside[1:].shape)))
        best = [models[int(np.argmax(side[0]))] for side in sides]
        rows.append((metric, len(models), taus[0], low, high, at_home, *best, reversed_pairs(inside[0], outside[0])))
    return pd.DataFrame(rows, columns=COLUMNS)


def metric_of_each(models: list[Networks], metric: str, weights: np.ndarray) -> np.ndarray:
    """The metric of each model's networks, `(rows of weights, models)`."""
    return np.stack([metric_of(networks, metric, weights) for networks in models], axis=1)


def reversed_pairs(first: np.ndarray, second: np.ndarray) -> int:
    return int(np.sum(pair_signs(first[None]) * pair_signs(second[None]) < 0))
