"""Every mean of every model with its interval: the table that all others lean on."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks.statistics.classification import METRICS, weighted_metrics
from benchmarks.statistics.panel import SEGMENTATION, Panel, arrange
from benchmarks.statistics.resampling import group_weights, interval, weighted_means

COLUMNS = ["model", "metric", "estimate", "low", "high", "method", "cases", "groups", "seeds"]


def summarise(
    cases: pd.DataFrame, selection: str, *, resamples: int = 2000, seed: int = 0, level: float = 0.95
) -> pd.DataFrame:
    """Mean over cases within a seed, then over seeds, with a cluster-bootstrap interval.

    Groups are resampled; a case that is drawn brings all of its seeds, so the interval speaks of other patients,
    not of other trainings (`variance.split` does). A metric whose head a model lacks has no row; a metric that is
    undefined (AUC with one class) has an empty estimate.

    Args:
        cases: case scores with a column `model`, docs/contracts.md.
        selection: the rule by which the epoch was selected.

    Returns:
        A row per model and metric: `model, metric, estimate, low, high, method, cases, groups, seeds`.

    Raises:
        UserError: see `panel.arrange`.
    """
    panel = arrange(cases, selection)
    count = panel.groups.max() + 1
    weights = group_weights(count, resamples, seed)
    rows = []
    for model, metric, seeds, statistic in _statistics(panel, weights):
        low, high, method = interval(statistic, count, level)
        rows.append((model, metric, statistic[0], low, high, method, len(panel.facts), count, seeds))
    order = {metric: place for place, metric in enumerate((*SEGMENTATION, *METRICS))}
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values(
        ["model", "metric"], key=lambda c: c.map(order) if c.name == "metric" else c, ignore_index=True
    )


def _statistics(panel: Panel, weights: np.ndarray) -> Iterator[tuple[str, str, int, np.ndarray]]:
    for metric in (m for m in SEGMENTATION if m in panel.frame):
        scores = panel.values(metric)
        if scores:
            means = np.stack([s.mean(axis=0) for s in scores.values()], axis=1)
            columns = weighted_means(means, panel.groups, weights).T
            for (model, values), statistic in zip(scores.items(), columns, strict=True):
                yield model, metric, len(values), statistic
    if "probability" not in panel.frame:
        return
    for model, probabilities in panel.values("probability").items():
        each = [weighted_metrics(p, panel.labels, panel.groups, weights) for p in probabilities]
        for metric, statistic in zip(METRICS, np.mean(each, axis=0).T, strict=True):
            yield model, metric, len(probabilities), statistic
