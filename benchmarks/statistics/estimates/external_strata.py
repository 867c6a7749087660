"""Where networks fail on another dataset: by lesion size, device and BI-RADS category."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from benchmarks.statistics.estimates.networks import Networks, group_count, metric_of, networks_of
from benchmarks.statistics.resampling import interval, over_resamples

COLUMNS = ["by", "stratum", "model", "metric", "estimate", "low", "high", "cases", "malignant", "groups"]
SIZES = ("small", "medium", "large")
STATED = {"device": "device", "birads": "BI-RADS"}


def stratify_external(
    cases: pd.DataFrame,
    truth: pd.DataFrame,
    *,
    metrics: tuple[str, ...] = ("dice", "auc", "sensitivity", "specificity"),
    resamples: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Numbers of each model's networks within each stratum.

    Args:
        cases: case scores on the dataset with a column `model`, docs/contracts.md.
        truth: `case`, `area`, `device` and `birads`.

    Returns:
        `by, stratum, model, metric, estimate, low, high, cases, malignant, groups`. Sizes are thirds by area, their
        bounds written out; a device or category that is not stated makes no stratum. A metric that is undefined, such
        as AUC with one class, is empty.
    """
    rows = []
    for by, stratum, inside in strata_of(truth):
        part = cases[cases["case"].isin(inside)]
        for model, networks in networks_of(part).items():
            count = group_count({model: networks})
            described = len(inside), malignant_cases(networks), count
            for metric in (m for m in metrics if networks.has(m)):
                statistic = over_resamples(partial(metric_of, networks, metric), count, resamples, seed)
                low, high, _ = interval(statistic, count, level)
                rows.append((by, stratum, model, metric, statistic[0], low, high, *described))
    return pd.DataFrame(rows, columns=COLUMNS)


def malignant_cases(networks: Networks) -> int:
    return int(networks.frame.drop_duplicates("case")["label"].sum())


def strata_of(truth: pd.DataFrame) -> Iterator[tuple[str, str, set[str]]]:
    """Kind, name and cases of every stratum that holds a case."""
    bounds = np.quantile(truth["area"], [1 / 3, 2 / 3])
    size = np.searchsorted(bounds, truth["area"])
    limits = (f"up to {bounds[0]:.3g}", f"up to {bounds[1]:.3g}", f"over {bounds[1]:.3g}")
    for place, (name, limit) in enumerate(zip(SIZES, limits, strict=True)):
        if (size == place).any():
            yield "size", f"{name} ({limit})", set(truth["case"][size == place])
    for column, by in STATED.items():
        for name in sorted(set(truth[column]) - {""}):
            yield by, name, set(truth["case"][truth[column] == name])
