"""Rung (a): what one training left behind agrees with itself: record, curves, predictions, case scores, truth, folds.

Each of these files is written at another time from another one; a row or a digit that was lost or changed in one of
them is found in the next.
"""

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting.labels import is_external
from benchmarks.reporting.results import TEXT_COLUMNS, read_csv, read_parquet, read_records
from benchmarks.scoring.forensics import IDENTITY
from benchmarks.verify.faults import Fault, Outcome, going_on

ROW = ["selection", "seed", "case"]
SIX_DIGITS = 1e-5  # two tables round to six significant digits
ENDING = {"cases": "csv", "forensics": "csv", "predictions": "parquet", "curves": "csv", "records": "json"}


def check_agreement(benchmark: str, root: Path) -> Outcome:
    """The files of every model of a benchmark agree, as far as they are there."""
    models = models_of(benchmark, root)
    parts: dict[str, Callable[[], Iterable[Fault]]] = {
        f"reports/cases/{benchmark}/{model}.csv": partial(of_model, benchmark, model, root) for model in models
    }
    parts[f"reports/truth/{benchmark}.parquet"] = partial(truth_and_folds, benchmark, root)
    parts[f"reports/cases/{benchmark}/digests.json"] = partial(remembered, benchmark, root)
    checks = [going_on(file, lambda make=make: ("", list(make()))) for file, make in parts.items()]
    return f"{len(models)} models", [fault for check in checks for fault in check()[1]]


def models_of(benchmark: str, root: Path) -> list[str]:
    """Every model of which any file is stored."""
    folders = [(root / "reports" / kind / benchmark, ending) for kind, ending in ENDING.items()]
    return sorted({path.stem for folder, ending in folders for path in folder.glob(f"*.{ending}")})


def of_model(benchmark: str, model: str, root: Path) -> list[Fault]:
    """What disagrees among the files of a model; a file that cannot be read is named and left out."""
    reports, faults = root / "reports", []
    names = {kind: f"reports/{kind}/{benchmark}/{model}.{ending}" for kind, ending in ENDING.items()}

    def read(kind: str, how, *columns):
        if not (root / names[kind]).is_file():
            return None
        try:
            return how(root / names[kind], *columns)
        except UserError as error:
            faults.append(Fault(names[kind], "the file", "readable", str(error)))
            return None

    cases, walk = (
        read("cases", read_csv, [*ROW, "fold", "epoch", "probability"]),
        read("forensics", read_csv, [*IDENTITY, "selection", "probability"]),
    )
    predictions = read("predictions", read_parquet, [*ROW, "fold", "epoch", "probability"])
    curves = read("curves", read_csv, ["seed", "fold", "epoch", "selection_score_test"])
    record = read("records", lambda path: read_records(path.parent, [model])[model])
    needed = ["cases", "predictions"] + ([] if is_external(model) else ["curves", "records"])
    for name in [names[kind] for kind in needed if not (root / names[kind]).is_file()]:
        faults.append(Fault(name, "the file", "there, as the model's others", "not there"))
    if predictions is not None and cases is not None:
        faults += same_rows(cases, predictions, ROW, ["fold", "epoch", "probability"], names["cases"])
    if walk is not None and cases is not None:
        for rule, chosen in walk.groupby("selection"):
            own = cases[cases["selection"] == rule]
            faults += same_rows(
                chosen, own, ["seed", "case"], ["label", "group", "fold", "probability"], names["forensics"]
            )
    truth = reports / "truth" / f"{benchmark}.parquet"
    if cases is not None and truth.is_file():
        facts = pd.read_parquet(truth)
        for (rule, seed), chosen in cases.groupby(["selection", "seed"]):
            where = f" ({rule}, seed {seed})"
            faults += same_rows(chosen, facts, ["case"], ["class", "label", "group"], names["cases"], where)
    if record is not None:
        faults += of_record(record, benchmark, model, root, names["records"])
        if predictions is not None:
            faults += epochs_used(record, predictions, names["predictions"])
        if curves is not None:
            faults += epochs_drawn(record, curves, names["curves"])
    return faults


def same_rows(
    found: pd.DataFrame, expected: pd.DataFrame, keys: list[str], columns: list[str], file: str, where: str = ""
) -> Iterator[Fault]:
    """Two tables hold the same rows, each once, with the same values (numbers to six digits)."""
    first, second = (table.set_index(keys)[[c for c in columns if c in table]] for table in (found, expected))
    for row in first.index[first.index.duplicated()].unique():
        yield Fault(file, f"row {named(row)}{where}", "once", "twice")
    for row in second.index.difference(first.index):
        yield Fault(file, f"row {named(row)}{where}", "there", "missing")
    for row in first.index.difference(second.index):
        yield Fault(file, f"row {named(row)}{where}", "none: no other table has it", "there")
    common = first.index[~first.index.duplicated()].intersection(second.index[~second.index.duplicated()])
    first, second = first.loc[common], second.loc[common]
    for column in first.columns.intersection(second.columns):
        for row in common[~same_values(first[column], second[column])]:
            yield Fault(file, f"{column} of {named(row)}{where}", str(second[column][row]), str(first[column][row]))


def named(row: Hashable) -> str:
    return ", ".join(map(str, row)) if isinstance(row, tuple) else str(row)


def same_values(first: pd.Series, second: pd.Series) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(first) and pd.api.types.is_numeric_dtype(second):
        one, other = first.to_numpy(float, na_value=np.nan), second.to_numpy(float, na_value=np.nan)
        return np.isclose(one, other, rtol=SIX_DIGITS, atol=0, equal_nan=True)
    return (first.astype(str) == second.astype(str)).to_numpy()


def of_record(record: dict, benchmark: str, model: str, root: Path, file: str) -> Iterator[Fault]:
    """A record names its cell and holds every run of it once."""
    for key, expected in (("benchmark", benchmark), ("model", model)):
        if record.get(key) != expected:
            yield Fault(file, key, expected, str(record.get(key)))
    parameters = read_parameters(root / "params.yaml")
    settings = parameters.benchmark(benchmark)
    runs = [(run.get("seed"), run.get("fold")) for run in record.get("runs", [])]
    expected = [(seed, fold) for seed in settings.training.seeds for fold in settings.folds]
    if sorted(runs) != sorted(expected):
        yield Fault(file, "runs (seed, fold)", str(expected), str(runs))
    for run in record.get("runs", []):
        where = f"of seed {run.get('seed')}, fold {run.get('fold')}"
        if run.get("image_size") != settings.image_size:
            yield Fault(file, f"image_size {where}", str(settings.image_size), str(run.get("image_size")))
        if run.get("parameters", record.get("parameters")) != record.get("parameters"):
            yield Fault(file, f"parameters {where}", str(record.get("parameters")), str(run.get("parameters")))
        if model in parameters.models and run.get("epochs") != (
            budget := parameters.training_of(benchmark, model).epochs
        ):
            yield Fault(file, f"epochs {where}", str(budget), str(run.get("epochs")))


def epochs_used(record: dict, predictions: pd.DataFrame, file: str) -> Iterator[Fault]:
    """Predictions are of the epochs that the record says were selected."""
    selected = {
        (rule, run["seed"], run["fold"]): epoch
        for run in record.get("runs", [])
        for rule, epoch in run.get("selected_epochs", {}).items()
    }
    used = predictions.groupby(["selection", "seed", "fold"])["epoch"].unique()
    for key in sorted(set(selected) | set(used.index)):
        expected, found = selected.get(key), sorted(used.get(key, []))
        if found != [expected]:
            yield Fault(file, f"epoch of {named(key)}", str(expected), ", ".join(map(str, found)) or "no rows")


def epochs_drawn(record: dict, curves: pd.DataFrame, file: str) -> Iterator[Fault]:
    """Curves hold every epoch of every run once, and the best of them are those that the record says were selected."""
    expected = {(run["seed"], run["fold"], epoch) for run in record.get("runs", []) for epoch in range(run["epochs"])}
    keys = list(curves[["seed", "fold", "epoch"]].itertuples(index=False, name=None))
    for row in sorted(expected - set(keys)):
        yield Fault(file, f"row {named(row)}", "there", "missing")
    for row in sorted(set(keys) - expected):
        yield Fault(file, f"row {named(row)}", "none: not in the record", "there")
    for row in sorted({row for row in keys if keys.count(row) > 1}):
        yield Fault(file, f"row {named(row)}", "once", "twice")
    runs = {key: rows.set_index("epoch") for key, rows in curves.groupby(["seed", "fold"])}
    for run in record.get("runs", []):
        rows = runs.get((run["seed"], run["fold"]))
        for rule, epoch in run.get("selected_epochs", {}).items():
            column = {"inner_validation": "selection_score_validation", "test_oracle": "selection_score_test"}.get(rule)
            where = f"of seed {run['seed']}, fold {run['fold']}"
            if column is None:
                if epoch != run["epochs"] - 1:
                    yield Fault(file, f"last epoch {where}", str(run["epochs"] - 1), f"{epoch} in the record")
            elif rows is not None and column in rows and epoch in rows.index and rows.index.is_unique:
                best = rows[column].max()
                if not rows[column][epoch] >= best - SIX_DIGITS * abs(best):
                    yield Fault(
                        file, f"{column} {where}", f"largest at epoch {epoch}", f"largest at {rows[column].idxmax()}"
                    )


def truth_and_folds(benchmark: str, root: Path) -> Iterator[Fault]:
    """Truth and folds name the same cases, classes and groups; labels are the places of classes in the parameters."""
    path, folds = (
        root / "reports" / "truth" / f"{benchmark}.parquet",
        root / "benchmarks" / "folds" / f"{benchmark}.csv",
    )
    if not path.is_file():
        return
    file, truth = f"reports/truth/{path.name}", pd.read_parquet(path)
    labels = {
        name: label for label, name in enumerate(read_parameters(root / "params.yaml").benchmark(benchmark).classes)
    }
    expected = truth["class"].map(labels)
    for row in truth.index[expected != truth["label"]]:
        yield Fault(file, f"label of {truth['case'][row]}", str(expected[row]), str(truth["label"][row]))
    if folds.is_file():
        table = pd.read_csv(folds, dtype=TEXT_COLUMNS)
        tested = read_parameters(root / "params.yaml").benchmark(benchmark).folds  # only their cases have a truth
        table = table[table["fold"].isin(tested)]
        yield from same_rows(table, truth, ["case"], ["class", "group"], f"benchmarks/folds/{folds.name}")


def remembered(benchmark: str, root: Path) -> Iterator[Fault]:
    """Case scores and forensics are the bytes that scoring wrote (`digests.json` beside them)."""
    file = f"reports/cases/{benchmark}/digests.json"
    if not (root / file).is_file():
        return
    try:
        entries = json.loads((root / file).read_text(encoding="utf-8"))
        outputs = {model: entry["outputs"] for model, entry in entries.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        yield Fault(file, "the file", "readable", str(error))
        return
    for model, digests in outputs.items():
        for kind, digest in zip(("cases", "forensics"), digests, strict=False):
            path = f"reports/{kind}/{benchmark}/{model}.csv"
            found = hashlib.sha256((root / path).read_bytes()).hexdigest() if (root / path).is_file() else "not there"
            if found != digest:
                yield Fault(path, f"content, SHA-256 ({file})", digest, found)
    for path in sorted((root / "reports/cases" / benchmark).glob("*.csv")):
        if path.stem not in outputs:
            yield Fault(file, f"entry of {path.stem}", "there", "missing")
