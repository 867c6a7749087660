"""Which case is trained on, selected on and tested on: fold files made by a rule, never by directory order.

`acsbench split <benchmark>` writes `benchmarks/folds/<benchmark>.csv` and
`prepared/benchmarks/<benchmark>/`, all that training needs of the data.
"""

import os
import re
import shutil
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold, StratifiedGroupKFold, StratifiedKFold

from benchmarks.configuration import Benchmark, Parameters, Split
from benchmarks.configuration.stages import way_to
from benchmarks.datasets.prepared import benchmark_arrays, read_prepared
from benchmarks.errors import UserError
from benchmarks.whole_files import swap_in

FOLDS = Path("benchmarks/folds")
PREPARED = Path("prepared/benchmarks")
VERBS = {"train": "train on", "validation": "validate on", "test": "test on"}


def natural_order(text: str) -> list:
    """Sort key under which `benign (2)` comes before `benign (10)`."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]


def fold_table(cases: pd.DataFrame, split: Split) -> pd.DataFrame:
    """One row per case: `case, class, group, fold, role_0 ... role_{k-1}` (train, validation, test or unused).

    Args:
        cases: columns `case`, `class`, `group`; any order, since rows are sorted by class and natural case order first.
        split: the rule. `grouped_stratified`: scikit-learn's StratifiedGroupKFold, so that no group stands on two
            sides and classes are balanced. `stratified`: the same without groups. `released`: `KFold(shuffle=True)`
            over benign then malignant cases, as in the authors' script; it has no validation cases. `unused` are
            training cases beyond the share `training`.

    Raises:
        UserError: a class has fewer groups than there are folds, or a side of a fold would lack a class.
    """
    order = sorted(range(len(cases)), key=lambda i: (cases["class"].iloc[i], natural_order(cases["case"].iloc[i])))
    table = cases.iloc[order][["case", "class", "group"]].reset_index(drop=True)
    check_size(table, split)
    table["fold"] = -1
    for fold, (_, tested) in enumerate(outer_splits(table, split)):
        table.loc[tested, "fold"] = fold
    for fold in range(split.folds):
        role = np.where(table["fold"] == fold, "test", "train").astype(object)
        if split.validation:
            role[validation_cases(table, fold, split)] = "validation"
        if split.training < 1:
            role[unused_cases(table, role, fold, split)] = "unused"
        table[f"role_{fold}"] = role
        check_classes(table, fold, split)
    return table


def check_size(table: pd.DataFrame, split: Split) -> None:
    groups = table.groupby("class")["group"].nunique()
    if groups.empty or groups.min() < split.folds:
        raise UserError(
            f"split: {split.folds} folds need at least as many groups in each class, found "
            f"{groups.to_dict() or 'no case'}. Lower split.folds in params.yaml or check the dataset."
        )


def check_classes(table: pd.DataFrame, fold: int, split: Split) -> None:
    """Raises `UserError` unless each class stands on every side of a fold."""
    classes = set(table["class"])
    for role in ("train", "validation", "test") if split.validation else ("train", "test"):
        found = set(table.loc[table[f"role_{fold}"] == role, "class"])
        if missing := sorted(classes - found):
            raise UserError(
                f"split: fold {fold} would have no {' and no '.join(missing)} case to {VERBS[role]}: too few groups, "
                "or groups that hold most of a class. Lower split.folds, change split.validation or split.seed in "
                "params.yaml, or use a larger dataset."
            )


def outer_splits(table: pd.DataFrame, split: Split):
    """Train and test positions of each fold."""
    if split.rule == "released":
        return KFold(split.folds, shuffle=True, random_state=split.seed).split(table)
    if split.rule == "stratified":
        splitter = StratifiedKFold(split.folds, shuffle=True, random_state=split.seed)
        return splitter.split(table, table["class"])
    splitter = StratifiedGroupKFold(split.folds, shuffle=True, random_state=split.seed)
    return splitter.split(table, table["class"], table["group"])


def validation_cases(table: pd.DataFrame, fold: int, split: Split) -> np.ndarray:
    """Positions of the inner validation cases: about `split.validation` of the training cases, same rule.

    Raises:
        UserError: there are too few groups for a part of that size.
    """
    training = np.flatnonzero(table["fold"] != fold)
    parts = round(1 / split.validation)
    inner = Split(split.rule, parts, split.seed + 1 + fold)
    rest = table.iloc[training]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of few cases: `check_classes` looks at what comes of them
            _, held_out = next(iter(outer_splits(rest, inner)))
    except ValueError as error:
        groups = rest.groupby("class")["group"].nunique().to_dict()
        raise UserError(
            f"split: a validation set of one part in {parts} (split.validation {split.validation}) needs as many "
            f"groups; fold {fold} leaves {groups} beside its test cases. Raise split.validation in params.yaml, lower "
            "split.folds, or use a larger dataset."
        ) from error
    return training[held_out]


def unused_cases(table: pd.DataFrame, role: np.ndarray, fold: int, split: Split) -> np.ndarray:
    """Which training cases are left out, so that `split.training` of the groups of each class remain, at least one.

    Groups are left out whole, in one random order for all shares: a smaller share lies within a larger one. A group of
    both classes counts as the class of its first case.
    """
    groups = table[role == "train"].groupby("group", sort=False)["class"].first()
    kept: list[str] = []
    for class_name in sorted(groups.unique()):
        own = sorted(groups.index[groups == class_name].astype(str), key=natural_order)
        drawn = np.random.default_rng([split.seed, fold]).permutation(len(own))
        kept += [own[i] for i in drawn[: max(1, round(split.training * len(own)))]]
    return (role == "train") & ~table["group"].astype(str).isin(kept).to_numpy()


def read_folds(path: Path) -> pd.DataFrame:
    """Read a fold file.

    Raises:
        UserError: it is missing or no such table, or a case stands in it twice.
    """
    if not path.is_file():
        raise UserError(f"{path}: not found. Run {way_to('split', path.stem)}.")
    try:
        table = pd.read_csv(path, dtype={"case": str, "group": str})
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not a table of folds ({error}). {anew(path)}") from error
    if missing := [column for column in ("case", "class", "group", "fold") if column not in table.columns]:
        raise UserError(f"{path}: column {', '.join(missing)} not found. {anew(path)}")
    if table["case"].duplicated().any():
        doubled = table.loc[table["case"].duplicated(), "case"].tolist()
        raise UserError(f"{path}: each case should stand once, found twice: {', '.join(doubled[:10])}.")
    return table


def anew(path: Path) -> str:
    """What to do about a file of folds that is not as it should be."""
    return f"Run {way_to('split', path.stem, again=True)}."


def write_benchmark(name: str, benchmark: Benchmark) -> None:
    """Write the fold file and the prepared arrays of a benchmark.

    Both are written beside their places and then moved there: a kill leaves the old ones or the new ones, or, between
    the two moves, new arrays with the old fold file, which the next run of the command writes.

    Raises:
        UserError: the dataset is not prepared, lacks a class or groups, or the disk is full.
    """
    cases, pixels = read_prepared(benchmark.dataset)
    cases = cases[cases["class"].isin(benchmark.classes)].reset_index(drop=True)
    if sorted(set(cases["class"])) != sorted(benchmark.classes):
        raise UserError(
            f"params.yaml: benchmarks.{name}.classes: {benchmark.dataset} has {sorted(set(cases['class']))} of "
            f"{benchmark.classes}."
        )
    table = fold_table(cases, benchmark.split)
    cases = cases.set_index("case").loc[table["case"]].reset_index()
    cases["label"] = cases["class"].map({c: i for i, c in enumerate(benchmark.classes)})
    images, masks, soft_masks = benchmark_arrays(cases, pixels, benchmark.image_size)

    folder, folds = PREPARED / name, FOLDS / f"{name}.csv"
    partial, copy = (path.with_name(f".{path.name}.{os.getpid()}.partial") for path in (folder, folds))
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        np.savez_compressed(partial / "images.npz", images=images, masks=masks, soft_masks=soft_masks)
        cases.drop(columns="offset").to_parquet(partial / "cases.parquet", index=False)
        table.to_csv(partial / "folds.csv", index=False)
        folds.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(partial / "folds.csv", copy)
        swap_in(partial, folder)
        os.replace(copy, folds)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        copy.unlink(missing_ok=True)
        raise UserError(
            f"{folder}: cannot be written: {error}. What stood there before is untouched. Free space or mend the "
            f"permissions, then run the command again: `acsbench split {name}`."
        ) from error


def split_benchmark(parameters: Parameters, name: str) -> None:
    """Write a benchmark's folds and arrays, and say how much is set aside for validation.

    Raises:
        UserError: there is no such benchmark, or see `write_benchmark`.
    """
    benchmark = parameters.benchmark(name)
    write_benchmark(name, benchmark)
    if asked := benchmark.split.validation:
        roles = read_folds(FOLDS / f"{name}.csv")["role_0"].value_counts()
        training = roles["train"] + roles["validation"] + roles.get("unused", 0)
        share = f"{roles['validation']} of {training} training cases, {roles['validation'] / training:.1%}"
        print(f"{name}, fold 0: set aside for validation {share} (asked: {asked:.1%})")
