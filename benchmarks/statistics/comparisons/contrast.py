"""What a change did to some cases and not to others: the difference of two paired differences.

Two trainings differ by chance as well. What changed on the marked cases beyond the change on the others is the mark's
doing, as far as chance treats both kinds alike: the interval speaks of other cases, not of other trainings.
"""

import numpy as np
import pandas as pd

from benchmarks.errors import UserError
from benchmarks.statistics.estimates.metrics import estimate
from benchmarks.statistics.panel import Panel, arrange, name_some
from benchmarks.statistics.resampling import interval, over_resamples

COLUMNS = [
    *("model", "metric", "subset", "before", "after"),
    *("change", "low", "high", "method", "cases", "groups", "seeds"),
]
TIMES = ("before", "after")
BETWEEN = "marked minus others"


def contrast(
    before: pd.DataFrame,
    after: pd.DataFrame,
    marks: pd.Series,
    metric: str,
    selection: str,
    *,
    resamples: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """The change of a metric on all, on marked and on other cases, and the difference between the last two.

    Intervals by cluster bootstrap, as in `pairs`: a drawn group brings its cases of both kinds, before and after.

    Args:
        before, after: case scores with a column `model`, docs/contracts.md, of the same cases.
        marks: True or False for each case, indexed by case.
        metric: any metric of `intervals.summarise`, or `joint_success`.

    Returns:
        Four rows per model that stands in both tables and has the metric: `model, metric, subset` (`all`, `marked`,
        `others`, `marked minus others`), `before, after, change` (after minus before), `low, high, method, cases,
        groups, seeds`. No row for a subset without a case; one on which the metric is undefined (AUC with one class)
        has empty cells.

    Raises:
        UserError: a case has no mark, or see `panel.arrange`.
    """
    rows = []
    for model in sorted(set(before["model"]) & set(after["model"])):
        both = [
            table[table["model"] == model].assign(model=name)
            for name, table in zip(TIMES, (before, after), strict=True)
        ]
        panel = arrange(pd.concat(both, ignore_index=True), selection)
        marked = _marks_of(panel, marks)
        count = panel.groups.max() + 1
        parts = {"all": np.ones_like(marked), "marked": marked, "others": ~marked}
        held = {name: inside for name, inside in parts.items() if inside.any()}
        numbers = {name: _numbers(panel, inside, metric, resamples, seed) for name, inside in held.items()}
        if not len(numbers["all"]):
            continue
        if len(numbers) == len(parts):
            numbers[BETWEEN], parts[BETWEEN] = numbers["marked"] - numbers["others"], parts["all"]
        for name, (early, late) in numbers.items():
            change, inside = late - early, parts[name]
            row = (model, metric, name, early[0], late[0], change[0], *interval(change, count, level))
            rows.append((*row, inside.sum(), len(np.unique(panel.groups[inside])), len(panel.seeds(TIMES[0]))))
    return pd.DataFrame(rows, columns=COLUMNS)


def _marks_of(panel: Panel, marks: pd.Series) -> np.ndarray:
    if len(lacking := panel.facts.index.difference(marks.index)):
        raise UserError(f"{len(lacking)} scored cases bear no mark, among them {name_some(lacking)}.")
    return marks.reindex(panel.facts.index).to_numpy(dtype=bool)


def _numbers(panel: Panel, inside: np.ndarray, metric: str, resamples: int, seed: int) -> np.ndarray:
    """The metric on some of the cases before and after, `(2, rows of weights)`; `(0,)` for a model that lacks it."""
    facts = panel.facts[inside]
    part = Panel(panel.frame[panel.frame["case"].isin(facts.index)].reset_index(drop=True), facts)
    present = np.unique(panel.groups[inside])
    if len(estimate(part, metric, np.ones((1, len(present))))) < len(TIMES):
        return np.empty(0)

    def before_and_after(weights: np.ndarray) -> np.ndarray:
        found = estimate(part, metric, weights[:, present])
        return np.stack([found[time] for time in TIMES])

    return over_resamples(before_and_after, panel.groups.max() + 1, resamples, seed, axis=1)
