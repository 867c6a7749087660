"""Decision curve: is a model worth acting on, for a reader who would biopsy from a given probability on?

Vickers and Elkin 2006, Med Decis Making 26:565: net benefit = TP/n - FP/n * p / (1 - p), positive from p on.
"""

from functools import partial

import numpy as np
import pandas as pd

from benchmarks.errors import UserError
from benchmarks.statistics.panel import arrange
from benchmarks.statistics.resampling import interval, over_resamples, weighted_means


def decision_curve(
    cases: pd.DataFrame,
    selection: str,
    *,
    thresholds: np.ndarray | None = None,
    resamples: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Net benefit of each model, of treating all and of treating none, which is 0.

    Args:
        thresholds: probabilities within 0 to 1, 1 excluded; .02, .04, ... .98 if not given.

    Returns:
        A row per model and threshold: `model, threshold, net_benefit, low, high, method, treat_all` (net benefit of
        calling every case malignant), `gain` (over the better of treating all and none), `cases, groups`. The unit
        is true positives per case. Mean over seeds.

    Raises:
        UserError: a threshold is outside 0 to 1, or see `panel.arrange`.
    """
    panel = arrange(cases, selection)
    thresholds = np.arange(1, 50) / 50 if thresholds is None else np.asarray(thresholds, dtype=float)
    if not ((thresholds >= 0) & (thresholds < 1)).all():
        raise UserError(f"Expected thresholds of at least 0 and less than 1; found {thresholds}.")
    odds = thresholds / (1 - thresholds)
    labels = panel.labels[:, None]
    worth = labels - (1 - labels) * odds
    treat_all = worth.mean(axis=0)
    count = panel.groups.max() + 1
    rows = []
    for model, probabilities in panel.values("probability").items():
        treated = (probabilities[..., None] >= thresholds).mean(axis=0)
        means = partial(weighted_means, treated * worth, panel.groups)
        benefits = over_resamples(means, count, resamples, seed).T
        for threshold, statistic, of_all in zip(thresholds, benefits, treat_all, strict=True):
            gain = statistic[0] - max(of_all, 0)
            ends = interval(statistic, count, level)
            rows.append((model, threshold, statistic[0], *ends, of_all, gain, len(labels), count))
    columns = ["model", "threshold", "net_benefit", "low", "high", "method", "treat_all", "gain", "cases", "groups"]
    return pd.DataFrame(rows, columns=columns)
