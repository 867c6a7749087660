"""Both tasks at once: how often is a case segmented (Dice of .7 or more) and classified right?"""

from functools import partial

import numpy as np
import pandas as pd

from benchmarks.statistics.panel import SUCCESSFUL_DICE, arrange
from benchmarks.statistics.resampling import over_resamples, proportion_interval, weighted_means

OUTCOMES = ("both", "segmentation only", "classification only", "neither")


def joint_success(
    cases: pd.DataFrame, selection: str, *, resamples: int = 2000, seed: int = 0, level: float = 0.95
) -> pd.DataFrame:
    """Share of cases by what succeeded, mean over seeds, for models with both heads.

    Returns:
        Four rows per model: `model, outcome` (`both`, `segmentation only`, `classification only`, `neither`),
        `share, low, high, method, cases, groups, seeds`; the shares of a model add up to 1.
    """
    panel = arrange(cases, selection)
    dice, right = panel.values("dice"), panel.values("accuracy")
    count = panel.groups.max() + 1
    rows = []
    for model in (m for m in dice if m in right):
        outlined, classified = dice[model] >= SUCCESSFUL_DICE, right[model] == 1
        both = [outlined & classified, outlined & ~classified, ~outlined & classified, ~outlined & ~classified]
        means = partial(weighted_means, np.mean(both, axis=1).T, panel.groups)
        shares = over_resamples(means, count, resamples, seed).T
        for outcome, statistic in zip(OUTCOMES, shares, strict=True):
            ends = proportion_interval(statistic, count, count, level)
            rows.append((model, outcome, statistic[0], *ends, len(panel.facts), count, len(outlined)))
    return pd.DataFrame(
        rows, columns=["model", "outcome", "share", "low", "high", "method", "cases", "groups", "seeds"]
    )
