"""From one protocol to another a step at a time: what each step adds to the number, and what all of them add."""

from collections.abc import Callable, Collection, Sequence

import numpy as np
import pandas as pd

from benchmarks.errors import UserError
from benchmarks.scoring.classification import THRESHOLD
from benchmarks.statistics.panel import Panel, arrange
from benchmarks.statistics.resampling import group_sums, interval, over_resamples

COLUMNS = ["model", "metric", "step", "since", "mean", "change", "low", "high", "method", "cases", "groups", "seeds"]
CLASS_METRICS = ("accuracy", "precision", "recall", "f1")
WHOLE = "whole"
RELEASED_DECIMALS = 3
EXACT_DECIMALS = 12  # that sums of scores have on every machine


def walk(
    scores: pd.DataFrame,
    steps: Sequence[str],
    *,
    of_folds: Collection[str] = (),
    resamples: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Mean at each step, and the paired change since the step before with a cluster-bootstrap interval.

    Args:
        scores: `model, case, group, seed, step, metric, value`, in any order; each step of a model and metric has
            the same cases and seeds.
        steps: the steps in the order of the walk. A model and metric may lack some: its walk then goes over them.
        of_folds: steps whose number is the mean over folds of the folds' means, these rounded to three decimals, as
            the released script has it; `scores` then has a column `fold`. The other steps take the mean over cases.
            See `_mean_of_folds` for what becomes of folds in a resample.

    Returns:
        For each model and metric a row per step and one named `whole`: `model, metric, step, since` (the step that
        `change` is counted from; empty in the first row), `mean, change, low, high, method, cases, groups, seeds`.
        The changes of the steps add up to that of the whole.

    Raises:
        UserError: a column is missing, a step is not in `steps` or bears the name `whole`, cells are missing,
            doubled or empty.
    """
    _check(scores, steps, {"metric", "value", *(["fold"] if of_folds else [])})

    def value_and_size(values: np.ndarray, panel: Panel) -> np.ndarray:
        return np.stack([values, np.ones_like(values)], axis=1)

    def mean(sums: np.ndarray, of_sample: np.ndarray, step: str) -> np.ndarray:
        with np.errstate(invalid="ignore"):  # a fold of which no case was drawn
            means = sums[..., :1] / sums[..., 1:]
        means = _printed(means) if step in of_folds else means
        return _mean_of_folds(means, sums[..., 1], of_sample[..., 1])

    tables = [pd.DataFrame(columns=COLUMNS)]
    for (model, metric), rows in scores.groupby(["model", "metric"], sort=True):  # ty: ignore[not-iterable]  # pandas: a group's key is a Hashable
        options = (f"{model}, {metric}", (metric,), resamples, seed, level)
        tables.append(_walk(rows, steps, of_folds, value_and_size, mean, *options).assign(model=model)[COLUMNS])
    return pd.concat(tables[1:] or tables, ignore_index=True)


def _printed(means: np.ndarray) -> np.ndarray:
    """To the decimals of the released script. A mean halfway between two is one on every machine, whatever the last
    digit that its sum ends in."""
    return np.around(np.around(means, EXACT_DECIMALS), RELEASED_DECIMALS)


def walk_classes(
    scores: pd.DataFrame,
    steps: Sequence[str],
    *,
    of_folds: Collection[str] = (),
    mixed_averages: Collection[str] = (),
    resamples: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """The same for the class metrics that the released script prints: accuracy, precision, recall, F1.

    Args:
        scores: `model, case, group, label, seed, step, probability`, and `fold` if there are steps `of_folds`.
        of_folds: steps whose number is the mean of the folds' numbers (not rounded), not that of all cases.
        mixed_averages: steps that average precision and F1 over both classes by their sizes, and recall over those
            that occur; the others show the malignant class. A score of 0/0 counts as 0, as `scoring.released` has it.
    """
    _check(scores, steps, {"label", "probability", *(["fold"] if of_folds else [])})

    def counts(values: np.ndarray, panel: Panel) -> np.ndarray:
        called, malignant = values > THRESHOLD, panel.labels == 1
        return np.stack([malignant & called, malignant & ~called, ~malignant & called, ~malignant & ~called], axis=1)

    def metrics(sums: np.ndarray, of_sample: np.ndarray, step: str) -> np.ndarray:
        numbers = _class_metrics(sums, step in mixed_averages)
        return _mean_of_folds(numbers, sums.sum(axis=-1), of_sample.sum(axis=-1))

    tables = [pd.DataFrame(columns=COLUMNS)]
    for model, rows in scores.groupby("model", sort=True):
        rows = rows.assign(value=rows["probability"])
        options = (f"{model}, class task", CLASS_METRICS, resamples, seed, level)
        tables.append(_walk(rows, steps, of_folds, counts, metrics, *options).assign(model=model)[COLUMNS])
    return pd.concat(tables[1:] or tables, ignore_index=True)


def _check(scores: pd.DataFrame, steps: Sequence[str], columns: set[str]) -> None:
    if missing := sorted(({"model", "case", "group", "seed", "step"} | columns) - set(scores.columns)):
        raise UserError(f"The scores of the steps lack the column(s) {', '.join(missing)}.")
    unknown = sorted(set(scores["step"]) - set(steps))
    if unknown or WHOLE in steps or len(set(steps)) < len(steps):
        raise UserError(
            f"Expected steps among {', '.join(steps)}, each named once and none {WHOLE!r}; "
            f"found {unknown or list(steps)}."
        )


def _walk(
    rows: pd.DataFrame,
    steps: Sequence[str],
    of_folds: Collection[str],
    columns_of: Callable[[np.ndarray, Panel], np.ndarray],
    number: Callable[[np.ndarray, np.ndarray, str], np.ndarray],
    name: str,
    metrics: Sequence[str],
    resamples: int,
    seed: int,
    level: float,
) -> pd.DataFrame:
    """One walk, from two functions.

    Args:
        columns_of: what is to be summed, `(cases, columns)`, for the values `(cases,)` of one step and seed.
        number: `(rows of weights, metrics)` from the sums of a step `(rows of weights, folds, columns)`, those of the
            sample `(folds, columns)` and the step's name.
    """
    panel, scores = _arrange(rows, name)
    present = [step for step in steps if step in scores]
    parts = {(step, run): columns_of(v, panel) for step in present for run, v in enumerate(scores[step])}
    folds = {
        step: _folds(panel, step) if step in of_folds else np.zeros(scores[step].shape, dtype=int) for step in present
    }
    by_fold = {(step, run): _within(part, folds[step][run]) for (step, run), part in parts.items()}
    count = panel.groups.max() + 1
    flat = np.concatenate([part.reshape(len(panel.facts), -1) for part in by_fold.values()], axis=1)
    sums = group_sums(flat, panel.groups)
    ends = np.cumsum([part[0].size for part in by_fold.values()])[:-1]

    def numbers_of_steps(weights: np.ndarray) -> np.ndarray:
        numbers = {
            key: number(part.reshape(len(weights), *by_fold[key].shape[1:]), by_fold[key].sum(axis=0), key[0])
            for key, part in zip(by_fold, np.split(weights @ sums, ends, axis=1), strict=True)
        }
        return np.stack([np.mean([numbers[step, r] for r in range(len(scores[step]))], axis=0) for step in present], 1)

    at_steps = over_resamples(numbers_of_steps, count, resamples, seed)
    tables = [_changes(at_steps[..., i], present, count, level).assign(metric=m) for i, m in enumerate(metrics)]
    return pd.concat(tables, ignore_index=True).assign(
        cases=len(panel.facts), groups=count, seeds=len(scores[present[0]])
    )


def _arrange(rows: pd.DataFrame, name: str) -> tuple[Panel, dict[str, np.ndarray]]:
    """The scores of one walk, checked, and its values `(seeds, cases)` of each step."""
    kept = rows[rows.columns.intersection(["case", "group", "seed", "value", "label", "fold"])]
    try:
        panel = arrange(kept.assign(model=rows["step"], selection=WHOLE), WHOLE)
        scores = panel.values("value")
        if lost := sorted(set(rows["step"]) - set(scores)):
            raise UserError(f"{lost[0]}: all values are empty.")
    except UserError as error:
        raise UserError(f"The walk of {name}, in which each step stands as a model: {error}") from None
    return panel, scores


def _folds(panel: Panel, step: str) -> np.ndarray:
    """Code of the fold of each case in the runs of one step, `(seeds, cases)`."""
    of_step = panel.frame.loc[panel.frame["model"] == step, "fold"]
    return of_step.factorize(sort=True)[0].reshape(-1, len(panel.facts))


def _within(columns: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """The columns `(cases, columns)` of each case at the place of its fold: `(cases, folds, columns)`."""
    placed = np.zeros((len(folds), folds.max() + 1, columns.shape[1]))
    placed[np.arange(len(folds)), folds] = columns
    return placed


def _mean_of_folds(numbers: np.ndarray, sizes: np.ndarray, of_sample: np.ndarray) -> np.ndarray:
    """The mean over folds of `numbers (rows of weights, folds, metrics)`, each fold of the same weight in the sample.

    A split makes folds of equal size, whoever the patients are; a resample does not. Were folds to weigh the same in a
    resample too, their chance sizes would pass for something that the step between the mean over cases and that of
    folds does. So a fold's weight stays as far from its share of the cases as it is in the sample.

    Args:
        sizes: number of cases, `(rows of weights, folds)`.
        of_sample: the same of the sample, `(folds,)`.
    """
    with np.errstate(invalid="ignore"):  # a single group left out leaves no case
        shares = sizes / sizes.sum(axis=1, keepdims=True)
    return np.einsum("rfm,rf->rm", numbers, shares + 1 / shares.shape[1] - of_sample / of_sample.sum())


def _changes(at_steps: np.ndarray, steps: Sequence[str], groups: int, level: float) -> pd.DataFrame:
    """A row per step and one for the whole, from the numbers `(rows of weights, steps)`."""
    rows = [(steps[0], "", at_steps[0, 0], np.nan, np.nan, np.nan, "")]
    pairs = [(place - 1, place, steps[place]) for place in range(1, len(steps))]
    for start, end, name in [*pairs, (0, len(steps) - 1, WHOLE)]:
        change = at_steps[:, end] - at_steps[:, start]
        rows.append((name, steps[start], at_steps[0, end], change[0], *interval(change, groups, level)))
    return pd.DataFrame(rows, columns=["step", "since", "mean", "change", "low", "high", "method"])


def _class_metrics(counts: np.ndarray, mixed: bool) -> np.ndarray:
    """`CLASS_METRICS` from counts `(..., 4)`: malignant called so, and not; benign called malignant, and not."""
    cases = counts.sum(axis=-1)
    cases = np.where(cases > 0, cases, np.nan)
    hits = np.stack([counts[..., 0], counts[..., 3]], axis=-1)  # malignant, benign
    members = np.stack([counts[..., 0] + counts[..., 1], counts[..., 2] + counts[..., 3]], axis=-1)
    calls = np.stack([counts[..., 0] + counts[..., 2], counts[..., 1] + counts[..., 3]], axis=-1)
    precision, recall = hits / np.maximum(calls, 1), hits / np.maximum(members, 1)
    f1 = 2 * hits / np.maximum(members + calls, 1)
    accuracy = hits.sum(axis=-1) / cases
    if not mixed:
        return np.stack([accuracy, precision[..., 0], recall[..., 0], f1[..., 0]], axis=-1) + 0 * cases[..., None]
    share = members / cases[..., None]
    occurring = np.maximum(np.sum(members + calls > 0, axis=-1), 1)
    averages = [np.sum(precision * share, axis=-1), recall.sum(axis=-1) / occurring, np.sum(f1 * share, axis=-1)]
    return np.stack([accuracy, *averages], axis=-1)
