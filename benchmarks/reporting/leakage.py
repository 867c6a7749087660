"""Leakage, measured (V7): what folds that ignore groups add, for cases with a copy in training and for those without.

Needs a benchmark with ungrouped folds and its twin, the same in all but that the twin's folds keep groups together.
"""

import dataclasses
from pathlib import Path

import pandas as pd

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.reporting.results import Results, read_csv, read_results
from benchmarks.reporting.tables import in_order
from benchmarks.statistics.walk import walk

SUBSETS = {"all": "all cases", "copy": "a copy in training", "none": "no copy in training"}


def twin_of(name: str, parameters: Parameters) -> str | None:
    """The benchmark that differs from an ungrouped one in its split alone, and keeps groups together."""
    own = parameters.benchmark(name)
    if own.split.rule == "grouped_stratified":
        return None
    for other, benchmark in parameters.benchmarks.items():
        like = dataclasses.replace(benchmark, split=own.split, description=own.description)
        if benchmark.split.rule == "grouped_stratified" and like == own:
            return other
    return None


def copies_in_training(folds: pd.DataFrame) -> pd.Series:
    """Whether another case of its group is trained on when a case is tested; indexed by case.

    Args:
        folds: `case, group, fold` and `role_<fold>`, as in `benchmarks/folds/<b>.csv`.

    Raises:
        UserError: a fold has no column of roles.
    """
    parts = []
    for fold, tested in folds.groupby("fold"):
        role = f"role_{fold}"
        if role not in folds:
            raise UserError(f"The folds lack the column {role}, which fold {fold} needs; see docs/contracts.md.")
        trained = set(folds.loc[folds[role] == "train", "group"])
        parts.append(pd.Series(tested["group"].isin(trained).to_numpy(), index=tested["case"]))
    return pd.concat(parts)


def leakage_table(results: Results, root: Path, parameters: Parameters, selection: str, metric: str) -> pd.DataFrame:
    """Means with grouped and with ungrouped folds, paired by case, and the difference with its interval.

    Returns:
        `subset, model, metric, grouped, ungrouped, change, low, high, method, cases, groups, seeds`; empty where the
        benchmark is grouped, or has no twin with scores.
    """
    twin = twin_of(results.benchmark, parameters)
    path = root / "benchmarks" / "folds" / f"{results.benchmark}.csv"
    if twin is None or not (root / "reports" / "cases" / twin).is_dir() or not path.is_file():
        return pd.DataFrame()
    grouped = read_results(twin, root, parameters.reference)
    steps = pd.concat(
        [
            step_scores(grouped.selected(selection), metric, "grouped"),
            step_scores(results.selected(selection), metric, "ungrouped"),
        ]
    )
    shared = steps.groupby(["model", "metric"])["step"].transform("nunique") == 2
    copied = copies_in_training(read_csv(path, ["case", "group", "fold"]))
    has_copy = steps["case"].map(copied)
    members = {"all": shared, "copy": shared & (has_copy == True), "none": shared & (has_copy == False)}  # noqa: E712
    tables = [
        walked(steps[chosen]).assign(subset=SUBSETS[subset]) for subset, chosen in members.items() if chosen.any()
    ]
    columns = ["subset", "model", "metric", "grouped", "ungrouped", "change", "low", "high", "method"]
    table = pd.concat(tables, ignore_index=True)[[*columns, "cases", "groups", "seeds"]] if tables else pd.DataFrame()
    return in_order(table, results.models) if tables else table


def step_scores(cases: pd.DataFrame, metric: str, step: str) -> pd.DataFrame:
    """Outlines and class task of each case as `statistics.walk` takes them."""
    called = (cases["probability"] > 0.5) == (cases["label"] == 1)
    scores = {metric: cases[metric], "accuracy": called.astype(float).where(cases["probability"].notna())}
    common = cases[["model", "case", "group", "seed"]].assign(step=step)
    return pd.concat([common.assign(metric=name, value=values) for name, values in scores.items()]).dropna(
        subset="value"
    )


def walked(scores: pd.DataFrame) -> pd.DataFrame:
    table = walk(scores, ["grouped", "ungrouped"])
    first = table[table["step"] == "grouped"].set_index(["model", "metric"])["mean"]
    change = table[table["step"] == "ungrouped"].rename(columns={"mean": "ungrouped"})
    return change.assign(grouped=pd.MultiIndex.from_frame(change[["model", "metric"]]).map(first))
