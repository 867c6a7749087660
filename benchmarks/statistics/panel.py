"""Case scores, checked, and laid out as seeds x cases for each model."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd

from benchmarks.errors import UserError
from benchmarks.scoring.classification import THRESHOLD

SEGMENTATION = ("dice", "iou", "hd95", "hd95_larger_side", "assd", "nsd", "empty")
FACTS = ("class", "label", "group")
LOWER_IS_BETTER = {
    *("hd95", "hd95_larger_side", "assd", "empty", "released_hd95", "released_asd"),
    *("brier", "calibration_error"),
}
SUCCESSFUL_DICE = 0.7
Reference = str | dict[str, str]  # the model that all others are compared with, or each model's own


@dataclass(frozen=True)
class Panel:
    """A complete table: every model has the same cases, and each of its seeds has all of them.

    `frame` is sorted by model, seed and case; `facts` has a row per case, in the same order.
    """

    frame: pd.DataFrame
    facts: pd.DataFrame

    @cached_property
    def groups(self) -> np.ndarray:
        """Codes from 0 of the groups of the cases, `(cases,)`."""
        return self.facts["group"].factorize(sort=True)[0]

    @cached_property
    def labels(self) -> np.ndarray:
        """1 for malignant, 0 for benign, `(cases,)`; raises a `UserError` for anything else."""
        labels = pd.to_numeric(self.facts["label"], errors="coerce")
        if not labels.isin([0, 1]).all():
            wrong = self.facts.index[~labels.isin([0, 1])]
            raise UserError(
                f"Expected label 0 (benign) or 1 (malignant) for every case; {name_some(wrong)} has none. "
                "Give each case its label, or leave such cases out of the classification task."
            )
        return labels.to_numpy(dtype=int)

    def seeds(self, model: str) -> list:
        return self._seeds[model]

    @cached_property
    def _seeds(self) -> dict[str, list]:
        return {str(model): sorted(seeds.unique()) for model, seeds in self.frame.groupby("model")["seed"]}

    def values(self, metric: str) -> dict[str, np.ndarray]:
        """The scores `(seeds, cases)` of each model that has this metric, models in alphabetical order.

        `metric` is a column, or one that follows from columns: `accuracy` (1 where the class is right),
        `brier` (squared error of the probability), `joint_success` (Dice of .7 or more and the class right).
        A model without the head, all its cells empty, is left out; empty cells among full ones are an error.
        Kept for the next time: not to be written to.
        """
        if metric not in self._known:
            self._known[metric] = self._values(metric)
        return self._known[metric]

    @cached_property
    def _known(self) -> dict[str, dict[str, np.ndarray]]:
        """What `values` has given, by metric."""
        return {}

    def _values(self, metric: str) -> dict[str, np.ndarray]:
        if metric == "accuracy":
            called = {m: p > THRESHOLD for m, p in self.values("probability").items()}
            return {m: (malignant == self.labels).astype(float) for m, malignant in called.items()}
        if metric == "brier":
            return {m: (p - self.labels) ** 2 for m, p in self.values("probability").items()}
        if metric == "joint_success":
            dice, right = self.values("dice"), self.values("accuracy")
            return {m: right[m] * (dice[m] >= SUCCESSFUL_DICE) for m in dice if m in right}
        if metric not in self.frame:
            raise UserError(
                f"Expected a metric with a score for each case: a column of the case scores, accuracy, brier or "
                f"joint_success; found {metric!r}. AUC and the like are compared by "
                "benchmarks.statistics.comparisons.delong, others of all cases together by its neighbour bootstrap."
            )
        return {
            str(model): scores
            for model, rows in self.frame.groupby("model", sort=True)
            if (scores := self._scores(str(model), rows, metric)) is not None
        }

    def pairs(self, scores: Collection[str], reference: Reference | None = None) -> list[tuple[str, str]]:
        """All pairs of the models that have scores, or each of them with its reference, which comes second."""
        if reference is None:
            return list(combinations(scores, 2))
        known = sorted(self.frame["model"].unique())
        own = reference if isinstance(reference, dict) else {model: reference for model in known if model != reference}
        for name in own.values():
            if name not in known:
                raise UserError(f"Cannot compare to {name!r}: no scores of such a model. There is {', '.join(known)}.")
        return [(model, own[model]) for model in scores if own.get(model) in scores]

    def _scores(self, model: str, rows: pd.DataFrame, metric: str) -> np.ndarray | None:
        scores = pd.to_numeric(rows[metric], errors="coerce").to_numpy(dtype=float)
        if rows[metric].isna().all():
            return None
        wrong = ~np.isfinite(scores)
        if metric == "probability":
            wrong |= (scores < 0) | (scores > 1)
        if wrong.any():
            raise UserError(
                f"{model}: {wrong.sum()} of {len(scores)} cells of {metric!r} are empty or no valid number "
                f"(cases {name_some(rows['case'][wrong])}). Score its predictions again, or leave the model out."
            )
        return scores.reshape(-1, len(self.facts))


def arrange(cases: pd.DataFrame, selection: str) -> Panel:
    """Check the case scores of one or several models and keep one selection rule.

    Args:
        cases: case scores as in docs/contracts.md, with a column `model`, in any order.
        selection: `inner_validation`, `last_epoch` or `test_oracle`.

    Raises:
        UserError: columns are missing, no row has the selection rule, a row stands twice, a model lacks cases
            that another one has, a seed lacks cases, or the rows of a case disagree about its group or class.
    """
    needed = {"model", "case", "group", "seed", "selection"}
    if missing := sorted(needed - set(cases.columns)):
        raise UserError(f"The case scores lack the column(s) {', '.join(missing)}; see docs/contracts.md.")
    frame = cases[cases["selection"] == selection]
    if frame.empty:
        known = ", ".join(sorted(cases["selection"].dropna().astype(str).unique())) or "none at all"
        raise UserError(f"No case was scored under the selection rule {selection!r}; there is {known}.")
    keys = ["model", "seed", "case"]
    if frame[[*keys, "group"]].isna().any(axis=None):
        raise UserError("The case scores have rows without model, seed, case or group; fill these in.")
    frame = frame.astype({"model": str, "case": str, "group": str})
    frame = frame.sort_values(keys, ignore_index=True, kind="stable")
    if (doubled := frame.duplicated(keys)).any():
        first = frame.loc[doubled, keys].iloc[0]
        raise UserError(
            f"{doubled.sum()} rows stand more than once, the first for model {first['model']}, seed "
            f"{first['seed']}, case {first['case']}, rule {selection}. Keep one row for each."
        )
    facts = frame[["case", *(f for f in FACTS if f in frame)]].drop_duplicates()
    if (doubled := facts["case"].duplicated()).any():
        raise UserError(
            f"Rows disagree about the class, label or group of case {name_some(facts['case'][doubled])}. "
            "Score all models against the same truth."
        )
    facts = facts.set_index("case").sort_index()
    _require_all_cells(frame, facts.index)
    return Panel(frame, facts)


def _require_all_cells(frame: pd.DataFrame, cases: pd.Index) -> None:
    counts = frame.groupby(["model", "seed"]).size()
    if (short := counts[counts < len(cases)]).empty:
        return
    model, seed = short.index[0]
    there = frame.loc[(frame["model"] == model) & (frame["seed"] == seed), "case"]
    lacking = cases.difference(there)
    raise UserError(
        f"{model}, seed {seed}, has scores for {len(there)} of {len(cases)} cases and lacks {name_some(lacking)}"
        f" ({len(short)} such runs in all). Train or score what is missing, or leave the run out."
    )


def name_some(names, limit: int = 3) -> str:
    """The first few of many names, for a message."""
    names = list(dict.fromkeys(map(str, names)))
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")
