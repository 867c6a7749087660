"""One metric of every model under group weights, and its interval."""

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.scoring.classification import THRESHOLD
from benchmarks.statistics.estimates.classification import AT_SPECIFICITY, METRICS, SHARES, weighted_metric
from benchmarks.statistics.panel import Panel
from benchmarks.statistics.resampling import interval, over_resamples, proportion_interval, weighted_means

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


def resampled(
    panel: Panel, metrics: Sequence[str], resamples: int, seed: int, *, jackknife: bool = True
) -> dict[str, dict[str, np.ndarray]]:
    """`estimate` of each metric at the rows of `resampling.over_resamples`, which are drawn once for all metrics."""
    groups = panel.groups.max() + 1
    keys = [(metric, model) for metric in metrics for model in estimate(panel, metric, np.ones((1, groups)))]

    def statistic(weights: np.ndarray) -> np.ndarray:
        found = {metric: estimate(panel, metric, weights) for metric in metrics}
        return np.stack([found[metric][model] for metric, model in keys])

    values = over_resamples(statistic, groups, resamples, seed, axis=1, jackknife=jackknife) if keys else []
    tables: dict[str, dict[str, np.ndarray]] = {metric: {} for metric in metrics}
    for (metric, model), of_rows in zip(keys, values, strict=True):
        tables[metric][model] = of_rows
    return tables


def estimates_with_intervals(
    panel: Panel, metrics: Sequence[str], resamples: int, seed: int, level: float
) -> Iterator[tuple[str, str, float, float, float, str]]:
    """For each metric and each model that has it: model, metric, estimate, lower end, upper end, method."""
    count = panel.groups.max() + 1
    for metric, statistics in resampled(panel, metrics, resamples, seed).items():
        among = {model: among for model, (_, among) in counts(panel, metric).items()} if metric in PROPORTIONS else {}
        for model, statistic in statistics.items():
            if metric in PROPORTIONS:
                trials = len(np.unique(panel.groups[among[model].any(axis=0)]))
                ends = proportion_interval(statistic, count, trials, level)
            else:
                ends = interval(statistic, count, level)
            yield model, metric, statistic[0], *ends


def counts(panel: Panel, metric: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """For each model the cases that a proportion counts and those it counts among, `(seeds, cases)` each."""
    if metric == "empty":
        return {model: (empty, np.ones_like(empty)) for model, empty in panel.values("empty").items()}
    return {
        model: SHARES[metric](values > THRESHOLD, np.broadcast_to(panel.labels == 1, values.shape))
        for model, values in panel.values("probability").items()
    }
