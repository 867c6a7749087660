"""Every mean of every model with its interval: the table that all others lean on."""

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from benchmarks.statistics.classification import METRICS, SHARES
from benchmarks.statistics.delong import auc_with_variance, normal_interval
from benchmarks.statistics.estimates import estimate
from benchmarks.statistics.panel import MALIGNANT_FROM, SEGMENTATION, Panel, arrange
from benchmarks.statistics.resampling import group_weights, interval

COLUMNS = ["model", "metric", "estimate", "low", "high", "method", "cases", "groups", "seeds"]
PROPORTIONS = ("empty", "accuracy", "sensitivity", "specificity", "precision")


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
    weights = group_weights(count, resamples, seed)
    rows = []
    for metric in _metrics(panel):
        for model, statistic in estimate(panel, metric, weights).items():
            low, high, method = interval(statistic, count, level)
            if method == "constant" and metric in PROPORTIONS:
                trials = _groups_that_count(panel, model, metric)
                low, high = proportion_confint(statistic[0] * trials, trials, 1 - level, "wilson")
                method = "Wilson over groups"
            seeds = len(panel.seeds(model))
            rows.append((model, metric, statistic[0], low, high, method, len(panel.facts), count, seeds))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values("model", kind="stable", ignore_index=True)


def alternatives(cases: pd.DataFrame, selection: str, *, level: float = 0.95) -> pd.DataFrame:
    """Textbook intervals of each seed by itself, to set beside those of `summarise`.

    Wilson's score interval (1927) for proportions, cases taken as independent; DeLong's for AUC, in the form of
    Obuchowski (1997) that allows for groups.

    Returns:
        A row per model, seed and metric: `model, seed, metric, estimate, low, high, method, cases` (the number
        that the proportion counts among).
    """
    panel = arrange(cases, selection)
    rows = []
    for metric in (m for m in PROPORTIONS if m in _metrics(panel)):
        for model, (counted, among) in _counts(panel, metric).items():
            for seed, hits, trials in zip(panel.seeds(model), counted.sum(1), among.sum(1).astype(int), strict=True):
                ends = proportion_confint(hits, trials, 1 - level, "wilson") if trials else (np.nan, np.nan)
                share = hits / trials if trials else np.nan
                rows.append((model, seed, metric, share, *ends, "Wilson", trials))
    if "auc" in _metrics(panel):
        for model, probabilities in panel.values("probability").items():
            for seed, probability in zip(panel.seeds(model), probabilities, strict=True):
                area, variance = auc_with_variance(probability[None], panel.labels, panel.groups)
                ends = normal_interval(area[0], variance[0, 0], level)
                rows.append((model, seed, "auc", area[0], *ends, "DeLong", len(panel.facts)))
    columns = ["model", "seed", "metric", "estimate", "low", "high", "method", "cases"]
    return pd.DataFrame(rows, columns=columns).sort_values(["model", "seed"], kind="stable", ignore_index=True)


def _metrics(panel: Panel) -> list[str]:
    classification = METRICS if "probability" in panel.frame else ()
    return [*(m for m in SEGMENTATION if m in panel.frame), *classification]


def _counts(panel: Panel, metric: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """For each model the cases that a proportion counts and those it counts among, `(seeds, cases)` each."""
    if metric == "empty":
        return {model: (empty, np.ones_like(empty)) for model, empty in panel.values("empty").items()}
    return {
        model: SHARES[metric](values > MALIGNANT_FROM, np.broadcast_to(panel.labels == 1, values.shape))
        for model, values in panel.values("probability").items()
    }


def _groups_that_count(panel: Panel, model: str, metric: str) -> int:
    _, among = _counts(panel, metric)[model]
    return len(np.unique(panel.groups[among.any(axis=0)]))
