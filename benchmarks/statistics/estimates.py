"""One metric of every model under group weights: the sample, the jackknife and the resamples in one array."""

import numpy as np

from benchmarks.statistics.classification import AT_SPECIFICITY, METRICS, weighted_metric
from benchmarks.statistics.panel import Panel
from benchmarks.statistics.resampling import weighted_means


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
