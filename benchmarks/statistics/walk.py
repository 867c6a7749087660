"""From one protocol to another a step at a time: what each step adds to the number, and what all of them add."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from benchmarks.errors import UserError
from benchmarks.statistics.panel import arrange
from benchmarks.statistics.resampling import group_weights, interval, weighted_means

COLUMNS = ["model", "metric", "step", "since", "mean", "change", "low", "high", "method", "cases", "groups", "seeds"]
WHOLE = "whole"


def walk(
    scores: pd.DataFrame, steps: Sequence[str], *, resamples: int = 10_000, seed: int = 0, level: float = 0.95
) -> pd.DataFrame:
    """Mean at each step, and the paired change since the step before with a cluster-bootstrap interval.

    Args:
        scores: `model, case, group, seed, step, metric, value`, in any order; each step of a model and metric has
            the same cases and seeds.
        steps: the steps in the order of the walk. A model and metric may lack some: its walk then goes over them.

    Returns:
        For each model and metric a row per step and one named `whole`: `model, metric, step, since` (the step that
        `change` is counted from; empty in the first row)`, mean, change, low, high, method, cases, groups, seeds`.
        The changes of the steps add up to that of the whole.

    Raises:
        UserError: a column is missing, a step is not in `steps` or bears the name `whole`, cells are missing,
            doubled or empty.
    """
    needed = {"model", "case", "group", "seed", "step", "metric", "value"}
    if missing := sorted(needed - set(scores.columns)):
        raise UserError(f"The scores of the steps lack the column(s) {', '.join(missing)}.")
    unknown = sorted(set(scores["step"]) - set(steps))
    if unknown or WHOLE in steps or len(set(steps)) < len(steps):
        raise UserError(
            f"Expected steps among {', '.join(steps)}, each named once and none {WHOLE!r}; "
            f"found {unknown or list(steps)}."
        )
    tables = [
        _walk_of_one(rows, [step for step in steps if step in set(rows["step"])], resamples, seed, level).assign(
            model=model, metric=metric
        )
        for (model, metric), rows in scores.groupby(["model", "metric"], sort=True)
    ]
    return pd.concat(tables, ignore_index=True)[COLUMNS] if tables else pd.DataFrame(columns=COLUMNS)


def _walk_of_one(rows: pd.DataFrame, steps: list[str], resamples: int, seed: int, level: float) -> pd.DataFrame:
    try:
        panel = arrange(rows[["case", "group", "seed", "value"]].assign(model=rows["step"], selection=WHOLE), WHOLE)
        scores = panel.values("value")
        if lost := [step for step in steps if step not in scores]:
            raise UserError(f"{lost[0]}: all values are empty.")
    except UserError as error:
        walked = f"{rows['model'].iloc[0]}, {rows['metric'].iloc[0]}"
        raise UserError(f"The walk of {walked}, in which each step stands as a model: {error}") from None
    means = np.stack([scores[step].mean(axis=0) for step in steps], axis=1)
    count = panel.groups.max() + 1
    at_steps = weighted_means(means, panel.groups, group_weights(count, resamples, seed))
    table = [(steps[0], "", at_steps[0, 0], np.nan, np.nan, np.nan, "")]
    pairs = [(place - 1, place, steps[place]) for place in range(1, len(steps))]
    for start, end, name in [*pairs, (0, len(steps) - 1, WHOLE)]:
        change = at_steps[:, end] - at_steps[:, start]
        table.append((name, steps[start], at_steps[0, end], change[0], *interval(change, count, level)))
    table = pd.DataFrame(table, columns=["step", "since", "mean", "change", "low", "high", "method"])
    return table.assign(cases=len(panel.facts), groups=count, seeds=len(scores[steps[0]]))
