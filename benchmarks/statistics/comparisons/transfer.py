"""What a change of hospital costs: each number of a model's networks on their own and on another dataset.

The groups of both sets of cases are resampled, independently of each other; the networks are those that were trained.
So an interval speaks of other patients of both hospitals. How far the networks differ stands beside it.
"""

from functools import partial

import numpy as np
import pandas as pd

from benchmarks.errors import UserError
from benchmarks.statistics.estimates.networks import (
    ALL_METRICS,
    Networks,
    TwoSamples,
    ensembles_of,
    group_count,
    metric_of,
    networks_of,
)
from benchmarks.statistics.resampling import interval, over_resamples

SPECIFICITY = 0.9  # at which a network's threshold is set on its own test fold
AT_THRESHOLD = ("sensitivity_at_threshold", "specificity_at_threshold")
COLUMNS = [
    *("model", "metric", "networks", "internal", "internal_low", "internal_high"),
    *("external", "external_low", "external_high", "change", "change_low", "change_high", "method"),
    *("network_sd", "network_min", "network_max", "ensemble", "ensemble_low", "ensemble_high", "cases", "groups"),
]


def transfer(
    internal: pd.DataFrame, external: pd.DataFrame, *, resamples: int = 2000, seed: int = 0, level: float = 0.95
) -> pd.DataFrame:
    """Every number of every model on the benchmark's own test folds and on another dataset.

    Args:
        internal: case scores of the benchmark under its own selection rule, with a column `model`.
        external: those on the other dataset, docs/contracts.md; rows without a fold are a seed's networks as one.

    Returns:
        A row per model and metric: `model, metric, networks` (how many); `internal`, `external` and `change` (external
        minus internal), each with `_low` and `_high`; `method` of the change's interval; `network_sd, network_min,
        network_max` of the single networks' numbers on the other dataset; `ensemble` with its interval, the mean over
        seeds, empty where folds are missing; `cases, groups` of the other dataset. Internally those networks count that
        were tested externally, too; a model without internal scores has no change.

    Raises:
        UserError: a table is empty, or see `networks_of`.
    """
    for name, table in (("the benchmark's own cases", internal), ("the other dataset", external)):
        if table.empty:
            raise UserError(f"expected case scores of {name}, found none. Score the predictions first.")
    own, others, together = networks_of(internal), networks_of(external), ensembles_of(external)
    samples = TwoSamples(group_count(own), group_count(others), resamples, seed)
    rows = []
    for model, networks in others.items():
        tested = own[model].only({run for run, _ in networks.each()}) if model in own else None
        tested = tested if tested is not None and len(tested.frame) else None
        for metric in (m for m in ALL_METRICS if networks.has(m)):
            rows.append(row_of(model, metric, tested, networks, together.get(model), samples, level))
        if networks.has("probability") and tested is not None:
            rows += threshold_rows(model, tested, networks, samples, level)
    return pd.DataFrame(rows).reindex(columns=COLUMNS)


def row_of(
    model: str,
    metric: str,
    internal: Networks | None,
    external: Networks,
    together: Networks | None,
    samples: TwoSamples,
    level: float,
) -> dict:
    """One row of `transfer`."""
    statistic = samples.over_second(partial(metric_of, external, metric))
    each = [number_of(network, metric) for _, network in external.each()]
    row = described(model, metric, external) | spread_of(each)
    row |= estimated("external", statistic[samples.rows_of_second()], samples.second, level)
    if together is not None:
        of_ensembles = partial(metric_of, together, metric)
        whole = over_resamples(of_ensembles, samples.second, samples.resamples, samples.seed + 1)
        row |= estimated("ensemble", whole, samples.second, level)
    if internal is not None:
        row |= change_of(samples.over_first(partial(metric_of, internal, metric)), statistic, samples, level)
    return row


def each_network(internal: pd.DataFrame, external: pd.DataFrame) -> pd.DataFrame:
    """Every single network's numbers: on its own test fold, and on all cases of the other dataset.

    Args:
        internal, external: as `transfer` takes them.

    Returns:
        A row per model, seed, fold and metric: `model, seed, fold, metric, internal, external`.
    """
    own = networks_of(internal)
    rows = []
    for model, networks in networks_of(external).items():
        inside = dict(own[model].each()) if model in own else {}
        for run, network in networks.each():
            for metric in (m for m in ALL_METRICS if network.has(m)):
                numbers = [number_of(one, metric) for one in (inside.get(run), network)]
                rows.append((model, *run, metric, *numbers))
    return pd.DataFrame(rows, columns=["model", "seed", "fold", "metric", "internal", "external"])


def number_of(networks: Networks | None, metric: str) -> float:
    if networks is None or not networks.has(metric):
        return np.nan
    return metric_of(networks, metric, np.ones((1, int(networks.frame["code"].max()) + 1)))[0]


def described(model: str, metric: str, external: Networks) -> dict:
    return {
        "model": model,
        "metric": metric,
        "networks": len(list(external.each())),
        "cases": external.frame["case"].nunique(),
        "groups": external.frame["code"].nunique(),
    }


def spread_of(each: list[float]) -> dict:
    spread = np.std(each, ddof=1) if len(each) > 1 else np.nan
    return {"network_sd": spread, "network_min": min(each), "network_max": max(each)}


def estimated(name: str, statistic: np.ndarray, groups: int, level: float) -> dict:
    low, high, _ = interval(statistic, groups, level)
    return {name: statistic[0], f"{name}_low": low, f"{name}_high": high}


def change_of(internal: np.ndarray, external: np.ndarray, samples: TwoSamples, level: float) -> dict:
    """The internal number and the change, from both numbers under each row of weights."""
    low, high, method = interval(samples.centred(external - internal), samples.groups, level)
    own = estimated("internal", internal[samples.rows_of_first()], samples.first, level)
    change = {"change": external[0] - internal[0], "change_low": low, "change_high": high, "method": method}
    return own | change


def threshold_rows(model: str, internal: Networks, external: Networks, samples: TwoSamples, level: float) -> list[dict]:
    """Sensitivity and specificity at each network's own threshold, that of 90% specificity on its own test fold.

    In each resample the threshold is set anew on the resampled fold and judged on the resampled other dataset, so its
    own uncertainty belongs to the numbers. On the fold that it was set on, specificity is what was asked for.
    """
    own = dict(internal.each())
    networks = [(own[run].frame, network.frame) for run, network in external.each() if run in own]
    rates = samples.over_both(partial(rates_at_thresholds, networks), axis=-1)
    rows = []
    for metric, of_metric in zip(AT_THRESHOLD, rates.swapaxes(0, 2), strict=True):
        inside, outside = np.mean(of_metric, axis=1)
        row = described(model, metric, external) | spread_of(list(of_metric[1, :, 0]))
        row |= estimated("external", samples.centred(outside), samples.groups, level)
        rows.append(row | change_of(inside, outside, samples, level))
    return rows


def rates_at_thresholds(
    networks: list[tuple[pd.DataFrame, pd.DataFrame]], first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """Sensitivity and specificity of each network on its own fold and on the other dataset.

    Args:
        networks: predictions of each on the one and on the other.
        first, second: weights of the groups of the one and of the other, `(rows, groups)`.

    Returns:
        `(networks, sides, metrics, rows)`
    """
    rates = []
    for own, other in networks:
        thresholds = threshold_of(own, first)
        rates.append([rates_above(own, thresholds, first), rates_above(other, thresholds, second)])
    return np.array(rates)


def threshold_of(frame: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    """The least probability of a benign case above which at most a tenth of the benign cases lie, `(rows,)`.

    Malignant is called above it. NaN where a row of weights leaves no benign case.
    """
    benign = frame[frame["label"] == 0].sort_values("probability", kind="stable")
    if benign.empty:
        return np.full(len(weights), np.nan)
    upto = np.cumsum(weights[:, benign["code"]], axis=1)
    place = np.argmax(upto >= SPECIFICITY * upto[:, -1:] - 1e-9, axis=1)
    return np.where(upto[:, -1] > 0, benign["probability"].to_numpy()[place], np.nan)


def rates_above(frame: pd.DataFrame, thresholds: np.ndarray, weights: np.ndarray) -> list[np.ndarray]:
    """Sensitivity and specificity of calling malignant above each row's threshold, `(rows,)` each."""
    rates = []
    for label in (1, 0):
        cases = frame[frame["label"] == label].sort_values("probability", kind="stable")
        upto = np.zeros((len(weights), len(cases) + 1))
        np.cumsum(weights[:, cases["code"]], axis=1, out=upto[:, 1:])
        place = np.searchsorted(cases["probability"].to_numpy(), thresholds, side="right")
        below = np.take_along_axis(upto, place[:, None], axis=1)[:, 0]
        with np.errstate(invalid="ignore"):  # a resample without cases of this class
            share = below / upto[:, -1]
        rates.append(np.where(np.isnan(thresholds), np.nan, 1 - share if label else share))
    return rates
