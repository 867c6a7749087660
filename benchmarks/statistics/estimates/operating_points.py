"""Sensitivity where specificity is held at 95% and 98%: what screening asks for."""

import pandas as pd

from benchmarks.statistics.estimates.classification import AT_SPECIFICITY
from benchmarks.statistics.estimates.metrics import estimates_with_intervals
from benchmarks.statistics.panel import arrange


def sensitivity_at_specificity(
    cases: pd.DataFrame, selection: str, *, resamples: int = 2000, seed: int = 0, level: float = 0.95
) -> pd.DataFrame:
    """The best sensitivity on each seed's ROC curve with at least that specificity, mean over seeds.

    The threshold is chosen on the cases that it is judged on, and anew in each resample; it is a point of the curve,
    not the performance of a threshold fixed beforehand.

    Returns:
        A row per model and specificity: `model, specificity, sensitivity, low, high, method, cases, groups, seeds`.
        Empty cells with one class.
    """
    panel = arrange(cases, selection)
    count = panel.groups.max() + 1
    rows = [
        (model, AT_SPECIFICITY[metric], *estimated, len(panel.facts), count, len(panel.seeds(model)))
        for model, metric, *estimated in estimates_with_intervals(panel, list(AT_SPECIFICITY), resamples, seed, level)
    ]
    columns = ["model", "specificity", "sensitivity", "low", "high", "method", "cases", "groups", "seeds"]
    return pd.DataFrame(rows, columns=columns).sort_values(["model", "specificity"], ignore_index=True)
