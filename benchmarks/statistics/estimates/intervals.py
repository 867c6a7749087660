"""Every mean of every model with its interval: the table that all others lean on."""

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from benchmarks.statistics.estimates.auc import auc_with_variance, normal_interval
from benchmarks.statistics.estimates.classification import METRICS
from benchmarks.statistics.estimates.metrics import PROPORTIONS, counts, estimates_with_intervals
from benchmarks.statistics.panel import SEGMENTATION, Panel, arrange

COLUMNS = ["model", "metric", "estimate", "low", "high", "method", "cases", "groups", "seeds"]


def summarise(
    cases: pd.DataFrame, selection: str, *, resamples: int = 2000, seed: int = 0, level: float = 0.95
) -> pd.DataFrame:
    """Mean over cases within a seed, then over seeds, with a cluster-bootstrap interval.

    Groups are resampled; a case that is drawn brings all of its seeds, so the interval speaks of other patients,
    not of other trainings (`variance.split_variance` does). A metric whose head a model lacks has no row; a
    metric that is undefined (AUC with one class) has an empty estimate. A proportion of 0 or 1, which no resample
    can move, gets Wilson's interval for as many independent trials as there are groups.

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
    rows = [
        (model, *estimated, len(panel.facts), count, len(panel.seeds(model)))
        for model, *estimated in estimates_with_intervals(panel, _metrics(panel), resamples, seed, level)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values("model", kind="stable", ignore_index=True)


def alternatives(cases: pd.DataFrame, selection: str, *, level: float = 0.95) -> pd.DataFrame:
    """Textbook intervals of each seed by itself, to set beside those of `summarise`.

    Wilson's score interval (1927) for proportions, cases taken as independent; DeLong's for AUC, in the form of
    Obuchowski (1997) that allows for groups, cut at 0 and 1 (no width where every pair is in the right order).

    Returns:
        A row per model, seed and metric: `model, seed, metric, estimate, low, high, method, cases` (the number
        that the proportion counts among).
    """
    panel = arrange(cases, selection)
    rows = []
    for metric in (m for m in PROPORTIONS if m in _metrics(panel)):
        for model, (counted, among) in counts(panel, metric).items():
            for seed, hits, trials in zip(panel.seeds(model), counted.sum(1), among.sum(1).astype(int), strict=True):
                ends = proportion_confint(hits, trials, 1 - level, "wilson") if trials else (np.nan, np.nan)
                share = hits / trials if trials else np.nan
                rows.append((model, seed, metric, share, *ends, "Wilson", trials))
    if "auc" in _metrics(panel):
        for model, probabilities in panel.values("probability").items():
            for seed, probability in zip(panel.seeds(model), probabilities, strict=True):
                area, variance = auc_with_variance(probability[None], panel.labels, panel.groups)
                ends = np.clip(normal_interval(area[0], variance[0, 0], level), 0, 1)
                rows.append((model, seed, "auc", area[0], *ends, "DeLong", len(panel.facts)))
    columns = ["model", "seed", "metric", "estimate", "low", "high", "method", "cases"]
    return pd.DataFrame(rows, columns=columns).sort_values(["model", "seed"], kind="stable", ignore_index=True)


def _metrics(panel: Panel) -> list[str]:
    classification = METRICS if "probability" in panel.frame else ()
    return [*(m for m in SEGMENTATION if m in panel.frame), *classification]
