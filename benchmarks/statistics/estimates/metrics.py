"""One metric of every model under group weights, and its interval."""

from collections.abc import Iterator

import numpy as np

from benchmarks.scoring.classification import THRESHOLD
from benchmarks.statistics.estimates.classification import AT_SPECIFICITY, METRICS, SHARES, weighted_metric
from benchmarks.statistics.panel import Panel
from benchmarks.statistics.resampling import interval, proportion_interval, weighted_means

PROPORTIONS = ("empty", "accuracy", "sensitivity", "specificity", "precision")


def estimate(panel: Panel, metric: str, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Mean over cases within a seed, then over seeds, for each row of group weights.

    Args:
        panel: see `panel.arrange`.
        metric: a metric of classification, or one that `Panel.values` knows.
        weights: `(rows, groups)`, as from `resampling.group_weights`.

    Returns:
        `(rows,)` for each model that has the metric; NaN where it is undefined for one of the seeds.
    """
    if metric in (*METRICS, *AT_SPECIFICITY):
        return {
            model: weighted_metric(metric, values, panel.labels, panel.groups, weights).mean(axis=0)
            for model, values in panel.values("probability").items()
        }
    scores = panel.values(metric)
    if not scores:
        return {}
    means = np.stack([values.mean(axis=0) for values in scores.values()], axis=1)
    return dict(zip(scores, weighted_means(means, panel.groups, weights).T, strict=True))


def estimate_with_interval(
    panel: Panel, metric: str, weights: np.ndarray, level: float
) -> Iterator[tuple[str, float, float, float, str]]:
    """For each model that has the metric: model, estimate, lower end, upper end, method."""
    count = panel.groups.max() + 1
    for model, statistic in estimate(panel, metric, weights).items():
        if metric in PROPORTIONS:
            _, among = counts(panel, metric)[model]
            trials = len(np.unique(panel.groups[among.any(axis=0)]))
            yield model, statistic[0], *proportion_interval(statistic, count, trials, level)
        else:
            yield model, statistic[0], *interval(statistic, count, level)


def counts(panel: Panel, metric: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """For each model the cases that a proportion counts and those it counts among, `(seeds, cases)` each."""
    if metric == "empty":
        return {model: (empty, np.ones_like(empty)) for model, empty in panel.values("empty").items()}
    return {
        model: SHARES[metric](values > THRESHOLD, np.broadcast_to(panel.labels == 1, values.shape))
        for model, values in panel.values("probability").items()
    }
