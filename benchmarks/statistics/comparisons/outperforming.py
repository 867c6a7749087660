"""Probability that one model beats another on a case.

The probability of improvement of rliable (Agarwal et al. 2021, NeurIPS 34): for each case the share of pairs of a
seed of the one and a seed of the other in which the one is better, ties one half; then the mean over cases.
"""

from functools import partial

import numpy as np
import pandas as pd

from benchmarks.statistics.panel import LOWER_IS_BETTER, Reference, arrange
from benchmarks.statistics.resampling import interval, over_resamples, weighted_means


def outperforming(
    cases: pd.DataFrame,
    metric: str,
    selection: str,
    *,
    reference: Reference | None = None,
    resamples: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """How often `model_a` is better than `model_b` on the same case: each against the reference, or all pairs.

    Returns:
        A row per pair: `model_a, model_b, metric, probability, low, high, method, cases, groups`, the interval by
        cluster bootstrap. One half means neither.

    Raises:
        UserError: the reference is unknown, or see `panel.arrange`.
    """
    panel = arrange(cases, selection)
    scores = panel.values(metric)
    pairs = panel.pairs(scores, reference)
    columns = ["model_a", "model_b", "metric", "probability", "low", "high", "method", "cases", "groups"]
    if not pairs:
        return pd.DataFrame(columns=columns)
    wins = np.stack([_share_of_wins(scores[a], scores[b]) for a, b in pairs], axis=1)
    if metric in LOWER_IS_BETTER:
        wins = 1 - wins
    count = panel.groups.max() + 1
    statistics = over_resamples(partial(weighted_means, wins, panel.groups), count, resamples, seed).T
    rows = [
        (a, b, metric, statistic[0], *interval(statistic, count, level), len(panel.facts), count)
        for (a, b), statistic in zip(pairs, statistics, strict=True)
    ]
    return pd.DataFrame(rows, columns=columns)


def _share_of_wins(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """For each case, over all pairs of seeds: `(seeds of a, cases)` and `(seeds of b, cases)` to `(cases,)`."""
    return (1 + np.sign(a[:, None] - b[None])).mean(axis=(0, 1)) / 2
