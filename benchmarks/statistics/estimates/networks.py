"""Metrics of several networks of one model, each on cases of its own, under group weights.

Internally a network is tested on its own fold, externally on every case of another dataset. What is a mean over cases
is taken over all predictions of a seed's networks, then over seeds: internally that is the number of the main table.
So is the calibration error, which would grow with ever fewer cases. AUC is taken within each network, then averaged:
a network's probabilities are ranked among themselves alone, on either side.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from benchmarks.errors import UserError
from benchmarks.statistics.estimates.classification import METRICS, weighted_metric
from benchmarks.statistics.panel import name_some
from benchmarks.statistics.resampling import drawn, is_whole, joined, left_out, parts, weighted_means

OUTLINES = ("dice", "iou")  # distances in pixels do not compare between machines of other resolution
EXCESS = "probability_excess"  # mean probability of malignant minus the share of malignant cases
WITHIN_NETWORK = ("auc",)
NOT_ACROSS = ("average_precision",)  # by chance it is the share of malignant cases, which differs between datasets
ALL_METRICS = (*OUTLINES, *(metric for metric in METRICS if metric not in NOT_ACROSS), EXCESS)


@dataclass(frozen=True)
class Networks:
    """A model's predictions: a row per network and case that it was tested on.

    `frame` has the columns `seed, fold, label, dice, iou, probability` and `code`, the number of the case's group.
    """

    frame: pd.DataFrame

    def has(self, metric: str) -> bool:
        return bool(self.frame[metric if metric in OUTLINES else "probability"].notna().all())

    def each(self) -> Iterator[tuple[tuple[int, int], "Networks"]]:
        """Every network by its seed and fold."""
        for run, rows in self.frame.groupby(["seed", "fold"]):
            yield run, Networks(rows)  # ty: ignore[invalid-yield]  # pandas: a group's key is a Hashable

    def only(self, runs: set[tuple[int, int]]) -> "Networks":
        """These networks alone, of those that there are."""
        inside = [run in runs for run in zip(self.frame["seed"], self.frame["fold"], strict=True)]
        return Networks(self.frame[inside])


def networks_of(cases: pd.DataFrame) -> dict[str, Networks]:
    """The networks of each model, in the order of first mention; groups are numbered over all models alike.

    Args:
        cases: case scores with a column `model`; rows without a fold (ensembles) are left out.

    Raises:
        UserError: a case stands twice for a network, a score is empty among others, or a label is neither 0 nor 1.
    """
    rows = cases[cases["fold"].notna()].reset_index(drop=True)
    key = ["model", "seed", "fold", "case"]
    if (doubled := rows.duplicated(key)).any():
        first = ", ".join(f"{column} {rows.loc[doubled, column].iloc[0]}" for column in key)
        raise UserError(f"{doubled.sum()} rows stand more than once, the first for {first}. Score again.")
    if not rows["label"].isin([0, 1]).all():
        wrong = rows.loc[~rows["label"].isin([0, 1]), "case"]
        raise UserError(f"Expected label 0 (benign) or 1 (malignant), found none for case {name_some(wrong)}.")
    rows = rows.assign(code=rows["group"].astype(str).factorize(sort=True)[0])
    for model, own in rows.groupby("model"):
        for column in (*OUTLINES, "probability"):
            if own[column].isna().any() and own[column].notna().any():
                raise UserError(f"{model}: {own[column].isna().sum()} cells of {column!r} are empty. Score again.")
    return {str(model): Networks(own) for model, own in rows.groupby("model", sort=False)}


def metric_of(networks: Networks, metric: str, weights: np.ndarray) -> np.ndarray:
    """A metric of a model's networks for each row of group weights `(rows, groups)`; NaN where it is undefined."""
    parts = networks.each() if metric in WITHIN_NETWORK else networks.frame.groupby("seed")
    frames = [part.frame if isinstance(part, Networks) else part for _, part in parts]
    return np.mean([metric_within(frame, metric, weights) for frame in frames], axis=0)


def metric_within(frame: pd.DataFrame, metric: str, weights: np.ndarray) -> np.ndarray:
    """A metric over rows of predictions as they are, for each row of group weights."""
    present, groups = np.unique(frame["code"], return_inverse=True)
    weights, labels = weights[:, present], frame["label"].to_numpy(dtype=int)
    if metric in METRICS:
        return weighted_metric(metric, frame["probability"].to_numpy()[None], labels, groups, weights)[0]
    values = frame["probability"] - labels if metric == EXCESS else frame[metric]
    return weighted_means(values.to_numpy(dtype=float)[:, None], groups, weights)[:, 0]


@dataclass(frozen=True)
class TwoSamples:
    """Resamples of two independent sets of cases, and statistics at the weights of their groups, row by row.

    The rows: both samples as they are; each group of the first left out; each of the second left out; then resamples
    of both, drawn independently. `resampling.interval` takes them for the groups of both together.
    """

    first: int  # groups
    second: int
    resamples: int
    seed: int

    @property
    def groups(self) -> int:
        return self.first + self.second

    def over_first(self, statistic: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """A statistic of the first sample at all rows."""
        return joined([statistic(first) for first, _ in self.blocks()])

    def over_second(self, statistic: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """A statistic of the second sample at all rows."""
        return joined([statistic(second) for _, second in self.blocks()])

    def over_both(self, statistic: Callable[[np.ndarray, np.ndarray], np.ndarray], axis: int = 0) -> np.ndarray:
        """A statistic of both samples at all rows, which lie on `axis` in what it gives."""
        return joined([statistic(first, second) for first, second in self.blocks()], axis)

    def blocks(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Weights of both samples, `(rows, groups)` each: all at once where `resampling.is_whole`."""
        if is_whole(1 + self.groups + self.resamples, self.groups):
            yield self._whole
        else:
            yield from self._parts()

    @cached_property
    def _whole(self) -> tuple[np.ndarray, np.ndarray]:
        first, second = zip(*self._parts(), strict=True)
        return np.concatenate(first), np.concatenate(second)

    def _parts(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        yield np.ones((1, self.first)), np.ones((1, self.second))
        for start, stop in parts(self.first, self.groups):
            yield left_out(self.first, start, stop), np.ones((stop - start, self.second))
        for start, stop in parts(self.second, self.groups):
            yield np.ones((stop - start, self.first)), left_out(self.second, start, stop)
        of_first, of_second = (np.random.default_rng(self.seed + place) for place in (0, 1))
        for start, stop in parts(self.resamples, self.groups):
            rows = stop - start
            yield drawn(of_first, rows, self.first), drawn(of_second, rows, self.second)

    def rows_of_first(self) -> np.ndarray:
        """The rows in which the second sample is as it is or resampled: those of `group_weights`."""
        return np.r_[: 1 + self.first, 1 + self.groups : 1 + self.groups + self.resamples]

    def rows_of_second(self) -> np.ndarray:
        return np.r_[0, 1 + self.first : 1 + self.groups + self.resamples]

    def centred(self, statistic: np.ndarray) -> np.ndarray:
        """The statistic with each sample's leave-one-out values moved to a mean of the estimate.

        So the acceleration of BCa takes each sample's influence about that sample's own mean.
        """
        moved = statistic.copy()
        for part in (slice(1, 1 + self.first), slice(1 + self.first, 1 + self.groups)):
            moved[part] += statistic[0] - statistic[part].mean()
        return moved


def ensembles_of(cases: pd.DataFrame) -> dict[str, Networks]:
    """The rows without a fold, by model: a seed's networks as one. Groups are numbered as in `networks_of`."""
    rows = cases[cases["fold"].isna()]
    numbered = rows.assign(code=cases["group"].astype(str).factorize(sort=True)[0][cases["fold"].isna().to_numpy()])
    return {str(model): Networks(own.assign(fold=0)) for model, own in numbered.groupby("model", sort=False)}


def group_count(networks: dict[str, Networks]) -> int:
    return 1 + max(int(own.frame["code"].max()) for own in networks.values())
