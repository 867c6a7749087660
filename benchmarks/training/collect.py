"""From the folders of runs to the three files that stand for a cell in reports/.

`acsbench collect <benchmark> <model> --from FOLDER` enters runs that another machine trained (a copy of its runs/) into
the workspace; then `dvc commit -f train@<benchmark>-<model>` tells DVC.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.protocols.selection import RULES
from benchmarks.training import files
from benchmarks.training.cell import RUNS, Cell
from benchmarks.training.data import check_prepared, labels_of
from benchmarks.training.fingerprints import read_cell
from benchmarks.training.remarks import remarks
from benchmarks.training.run import held_run, is_finished, run_fingerprint
from benchmarks.whole_files import swap_in

REPORTS = Path("reports")
WITHOUT_WEIGHTS = "weights-left-out.txt"  # in a run's folder: that an archive had no room for its weights


def collect(cell: Cell, fingerprint: str, partial: bool = False) -> None:
    """Write a cell's predictions, curves and record once all of its runs are whole.

    A run whose folder is elsewhere, but which those files hold already, keeps its rows.

    Args:
        cell: benchmark and model.
        fingerprint: of code, parameters and data; runs of another one do not count.
        partial: whether runs may be missing; then nothing is written while some are.

    Raises:
        UserError: runs are missing and `partial` is false.
    """
    here = [run for run in cell.runs if is_finished(cell, *run, fingerprint)]
    entered = [run for run in cell.runs if run in entered_runs(cell, fingerprint) and run not in here]
    missing = [f"seed {s} fold {f}" for s, f in cell.runs if (s, f) not in [*here, *entered]]
    if missing and not partial:
        raise UserError(
            f"{cell.folder}: expected {len(cell.runs)} finished runs of this code, these parameters and these data; "
            f"missing or of another version: {', '.join(missing)}. Train them with "
            f"`acsbench train {cell.benchmark_name} {cell.model_name}`."
        )
    if missing:
        print(f"{cell.folder}: still to train: {', '.join(missing)}")
        return
    runs = [read_run(cell, cell.run_folder(seed, fold)) for seed, fold in here]
    if entered:
        runs.append(read_entered(cell, entered))
    predictions = pd.concat([run.predictions for run in runs])
    write_reports(cell, predictions, pd.concat([run.curves for run in runs]), [r for run in runs for r in run.records])
    for line in remarks(predictions, labels_of(cell.benchmark_name), cell.benchmark.selection.rule):
        print(f"{cell.benchmark_name}/{cell.model_name}: {line}", flush=True)


def write_reports(cell: Cell, predictions: pd.DataFrame, curves: pd.DataFrame, records: list[dict]) -> None:
    """A cell's three files, in an order that does not tell which run came when."""
    predictions_file, curves_file, record_file = report_files(cell)
    records = sorted(records, key=lambda record: (record["seed"], record["fold"]))
    record = {"benchmark": cell.benchmark_name, "model": cell.model_name, "parameters": records[0]["parameters"]}
    files.write_table(predictions_file, predictions.sort_values(["selection", "seed", "case"], ignore_index=True))
    files.write_table(curves_file, curves.sort_values(["seed", "fold", "epoch"], ignore_index=True))
    files.write_json(record_file, record | {"runs": records})


def report_files(cell: Cell) -> tuple[Path, Path, Path]:
    """Where a cell's predictions, curves and record lie."""
    place = f"{cell.benchmark_name}/{cell.model_name}"
    return (
        REPORTS / "predictions" / f"{place}.parquet",
        REPORTS / "curves" / f"{place}.csv",
        REPORTS / "records" / f"{place}.json",
    )


def entered_runs(cell: Cell, fingerprint: str) -> list[tuple[int, int]]:
    """The (seed, fold) of the runs of this fingerprint that the cell's files hold."""
    if not all(path.is_file() for path in report_files(cell)):
        return []
    stored = json.loads(report_files(cell)[2].read_text(encoding="utf-8"))["runs"]
    return [(run["seed"], run["fold"]) for run in stored if run["fingerprint"] == fingerprint]


def read_entered(cell: Cell, runs: list[tuple[int, int]]) -> "RunFiles":
    """What the cell's files hold of some runs."""
    predictions_file, curves_file, record_file = report_files(cell)
    predictions, curves = (
        table[pd.MultiIndex.from_frame(table[["seed", "fold"]]).isin(runs)]
        for table in (pd.read_parquet(predictions_file), pd.read_csv(curves_file))
    )
    records = json.loads(record_file.read_text(encoding="utf-8"))["runs"]
    return RunFiles(predictions, curves, [record for record in records if (record["seed"], record["fold"]) in runs])


@dataclass(frozen=True)
class RunFiles:
    """What finished runs left."""

    predictions: pd.DataFrame
    curves: pd.DataFrame
    records: list[dict]


def read_run(cell: Cell, folder: Path) -> RunFiles:
    """Read a finished run's files.

    Raises:
        UserError: one is missing or not readable, or they do not belong together.
    """
    try:
        record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
        curves = pd.read_csv(folder / "curves.csv")
        rules = [rule for rule in RULES if rule in record["selected_epochs"]]
        predictions = pd.concat([pd.read_parquet(folder / f"predictions-{rule}.parquet") for rule in rules])
        kept = ("weights.pt", WITHOUT_WEIGHTS)
        weights = cell.benchmark.selection.rule not in rules or any((folder / name).is_file() for name in kept)
        whole = len(curves) == record["epochs"] and weights
        numbered = set(zip(predictions["seed"], predictions["fold"], strict=True)) == {(record["seed"], record["fold"])}
    except (OSError, ValueError, KeyError, TypeError) as error:  # pyarrow's and pandas' are ValueErrors
        raise UserError(f"{folder}: not a whole run ({type(error).__name__}: {error}). {anew(cell, folder)}") from error
    if not whole or not numbered or predictions.duplicated(["selection", "case"]).any():
        raise UserError(f"{folder}: its record, curves, weights and predictions do not fit. {anew(cell, folder)}")
    return RunFiles(predictions, curves, [record])


def anew(cell: Cell, folder: Path) -> str:
    seed, fold = folder.name.removeprefix("seed").split("-fold")
    return (
        f"Train it anew (`acsbench train {cell.benchmark_name} {cell.model_name} --seeds {seed} --folds {fold} "
        "--anew`), or copy it once more."
    )


def bring_in(cell: Cell, source: Path, fingerprint: str) -> list[str]:
    """Copy finished runs of a cell from another machine's runs/ folder, which is only read.

    Everything is checked before anything is replaced: each run is of this code, these parameters and these data, and
    whole. Each is copied beside its place and then put into it, so that a run that is there stays until its successor
    is; where the folder is the cell's own, there is nothing to do.

    Args:
        cell: benchmark and model.
        source: a runs/ folder.
        fingerprint: of code, parameters and data.

    Returns:
        The names of the runs that were copied.

    Raises:
        UserError: the folder holds no run of this cell, or one that is of another version, not whole or not among the
            benchmark's; or another process is at work on one of them here.
    """
    place = cell.folder.relative_to(RUNS)
    found = sorted(path.parent for path in (source / place).glob("seed*-fold*/record.json"))
    if not found:
        raise UserError(f"{source / place}: expected folders seed<S>-fold<F> with a record.json, found none.")
    runs = {cell.run_folder(*run).name: run for run in cell.runs}
    for folder in found:
        check_brought(cell, folder, fingerprint)
    brought = [folder for folder in found if folder.resolve() != (cell.folder / folder.name).resolve()]
    for folder in brought:
        with held_run(cell, *runs[folder.name]):
            copy_beside_and_swap(folder, cell.folder / folder.name)
    return [folder.name for folder in brought]


def check_brought(cell: Cell, folder: Path, fingerprint: str) -> None:
    """Raises `UserError` where another machine's run is of another cell or version, not whole, or not the one named."""
    names = [cell.run_folder(*run).name for run in cell.runs]
    if folder.name not in names:
        known = ", ".join(names)
        raise UserError(f"{folder}: not a run of {cell.benchmark_name}/{cell.model_name}, which has {known}.")
    (record,) = read_run(cell, folder).records
    if record.get("fingerprint") != fingerprint:
        raise UserError(
            f"{folder}: trained by other code, parameters or data (fingerprint {record.get('fingerprint')}, here "
            f"{fingerprint}). Nothing was copied. Train it where this version is, or check out that version here."
        )
    if f"seed{record['seed']}-fold{record['fold']}" != folder.name:
        raise UserError(f"{folder}: its record is of seed {record['seed']}, fold {record['fold']}. Nothing was copied.")


def copy_beside_and_swap(folder: Path, target: Path) -> None:
    """Copy a folder into another's place.

    Raises:
        UserError: it cannot be copied; what stood in its place still does.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(folder, beside)
        swap_in(beside, target)
    except (OSError, shutil.Error) as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise UserError(f"{target}: cannot be written: {error}. What stood there is untouched.") from error


def collect_cell(parameters: Parameters, benchmark: str, model: str, source: Path | None = None) -> None:
    """Write a cell's files from its runs, after those of another machine have been copied beside them.

    Args:
        parameters: of `params.yaml`.
        benchmark: its name.
        model: its name.
        source: another machine's runs/ folder, if any.

    Raises:
        UserError: a name is unknown, the data are not prepared, or see `bring_in` and `collect`.
    """
    check_prepared(benchmark)
    cell = read_cell(parameters, benchmark, model)
    fingerprint = run_fingerprint(cell)
    if source:
        brought = bring_in(cell, source, fingerprint)
        print(f"{cell.folder}: {', '.join(brought) or 'nothing'} copied from {source}")
    collect(cell, fingerprint)
