"""Leakage, measured (V7): what folds that ignore groups add, for cases with a copy in training and for those without.

Needs a benchmark with ungrouped folds and its twin, the same in all but that the twin's folds keep groups together.
"""

from pathlib import Path

import pandas as pd

from benchmarks.configuration import Parameters
from benchmarks.configuration.stages import way_to
from benchmarks.errors import UserError
from benchmarks.reporting.labels import ALL_CASES, LEAKAGE
from benchmarks.reporting.results import Results, read_csv, read_results
from benchmarks.reporting.tables.stored import in_order
from benchmarks.reporting.twins import twin_of
from benchmarks.statistics.comparisons.contrast import BETWEEN, contrast

SUBSETS = dict(zip(("all", "marked", "others", BETWEEN), (ALL_CASES, *LEAKAGE), strict=True))


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


def grouped_twin(results: Results, root: Path, parameters: Parameters) -> Results | None:
    """What is stored of the twin of an ungrouped benchmark; `None` where it has none, or none with scores."""
    twin = twin_of(results.benchmark, parameters)
    if twin is None or not (root / "reports" / "cases" / twin).is_dir():
        return None
    return read_results(twin, root, parameters)


def leakage_table(results: Results, twin: Results | None, root: Path, selection: str, dice: str) -> pd.DataFrame:
    """What ungrouped folds add to the outlines' Dice, the accuracy and the AUC, where they leak and where not.

    Training anew on other folds changes numbers too, but of all cases; the leak works on those alone that have a copy
    in training. So it is the difference of the two changes that measures it, with the reserve of `statistics.contrast`:
    cases with copies have other classes and sizes than those without, and few seeds are few trainings.

    Args:
        twin: from `grouped_twin`.

    Returns:
        `model, metric, subset, grouped, ungrouped, change, low, high, method, cases, groups, seeds`, paired by case;
        see `statistics.contrast`. Empty where there is no twin.

    Raises:
        UserError: `benchmarks/folds/<b>.csv` is missing or lacks a column, or the two have not the same cases.
    """
    if twin is None:
        return pd.DataFrame()
    path = root / "benchmarks" / "folds" / f"{results.benchmark}.csv"
    if not path.is_file():
        again = way_to("split", results.benchmark, root=root)
        raise UserError(f"{path}: not there, and leakage cannot be told without it. Run {again}.")
    copied = copies_in_training(read_csv(path, ["case", "group", "fold"]))
    before, after = twin.selected(selection), results.selected(selection)
    tables = [contrast(before, after, copied, metric, selection) for metric in (dice, "accuracy", "auc")]
    tables = [table for table in tables if not table.empty]
    if not tables:
        return pd.DataFrame()
    table = pd.concat(tables, ignore_index=True).rename(columns={"before": "grouped", "after": "ungrouped"})
    return in_order(table.assign(subset=table["subset"].map(SUBSETS)), results.models)
