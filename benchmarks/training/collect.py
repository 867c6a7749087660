"""From the folders of runs to the three files that stand for a cell in reports/.

    python -m benchmarks.training.collect <benchmark> <model> [--from FOLDER]

enters runs that another machine trained (a copy of its runs/) into the workspace; then
`dvc commit -f train@<benchmark>-<model>` tells DVC.
"""

import argparse
import json
import shutil
from pathlib import Path

import pandas as pd

from benchmarks.configuration import PARAMETERS, read_parameters
from benchmarks.errors import UserError, entry_point
from benchmarks.protocols.selection import RULES
from benchmarks.training import files
from benchmarks.training.cell import RUNS, Cell
from benchmarks.training.fingerprints import read_cell
from benchmarks.training.run import is_finished, run_fingerprint

REPORTS = Path("reports")


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
            f"`python -m benchmarks.training.train {cell.benchmark_name} {cell.model_name}`."
        )
    if missing:
        print(f"{cell.folder}: still to train: {', '.join(missing)}")
        return
    folders = [cell.run_folder(seed, fold) for seed, fold in here]
    tables = [
        pd.read_parquet(path) for f in folders for r in RULES if (path := f / f"predictions-{r}.parquet").is_file()
    ]
    curves = [pd.read_csv(folder / "curves.csv") for folder in folders]
    records = [json.loads((folder / "record.json").read_text(encoding="utf-8")) for folder in folders]
    if entered:
        predictions_file, curves_file, record_file = report_files(cell)
        tables.append(rows_of(entered, pd.read_parquet(predictions_file)))
        curves.append(rows_of(entered, pd.read_csv(curves_file)))
        stored = json.loads(record_file.read_text(encoding="utf-8"))["runs"]
        records += [record for record in stored if (record["seed"], record["fold"]) in entered]
    write_reports(cell, pd.concat(tables), pd.concat(curves), records)


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


def rows_of(runs: list[tuple[int, int]], table: pd.DataFrame) -> pd.DataFrame:
    return table[pd.MultiIndex.from_frame(table[["seed", "fold"]]).isin(runs)]


def bring_in(cell: Cell, source: Path) -> None:
    """Copy finished runs of a cell from another machine's runs/ folder.

    Raises:
        UserError: the folder holds no run of this cell.
    """
    place = cell.folder.relative_to(RUNS)
    found = sorted((source / place).glob("seed*-fold*/record.json"))
    if not found:
        raise UserError(f"{source / place}: expected folders seed<S>-fold<F> with a record.json, found none.")
    for path in found:
        target = cell.folder / path.parent.name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(path.parent, target)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a cell's report files from its runs.")
    parser.add_argument("benchmark")
    parser.add_argument("model")
    parser.add_argument("--from", dest="source", type=Path, help="another machine's runs/ folder to copy from first")
    parser.add_argument("--params", type=Path, default=PARAMETERS)
    arguments = parser.parse_args()
    cell = read_cell(read_parameters(arguments.params), arguments.benchmark, arguments.model)
    if arguments.source:
        bring_in(cell, arguments.source)
    collect(cell, run_fingerprint(cell))


if __name__ == "__main__":
    entry_point(main)()
