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

    Args:
        cell: benchmark and model.
        fingerprint: of code, parameters and data; runs of another one do not count.
        partial: whether runs may be missing; then nothing is written while some are.

    Raises:
        UserError: runs are missing and `partial` is false.
    """
    missing = [f"seed {s} fold {f}" for s, f in cell.runs if not is_finished(cell, s, f, fingerprint)]
    if missing and not partial:
        raise UserError(
            f"{cell.folder}: expected {len(cell.runs)} finished runs of this code, these parameters and these data; "
            f"missing or of another version: {', '.join(missing)}. Train them with "
            f"`python -m benchmarks.training.train {cell.benchmark_name} {cell.model_name}`."
        )
    if missing:
        print(f"{cell.folder}: still to train: {', '.join(missing)}")
        return
    folders = [cell.run_folder(seed, fold) for seed, fold in cell.runs]
    tables = [
        pd.read_parquet(path) for f in folders for r in RULES if (path := f / f"predictions-{r}.parquet").is_file()
    ]
    predictions = pd.concat(tables).sort_values(["selection", "seed", "case"], ignore_index=True)
    curves = pd.concat([pd.read_csv(folder / "curves.csv") for folder in folders], ignore_index=True)
    records = [json.loads((folder / "record.json").read_text()) for folder in folders]
    record = {"benchmark": cell.benchmark_name, "model": cell.model_name, "parameters": records[0]["parameters"]}
    place = Path(cell.benchmark_name) / cell.model_name
    files.write_table(REPORTS / "predictions" / place.with_suffix(".parquet"), predictions)
    files.write_table(REPORTS / "curves" / place.with_suffix(".csv"), curves)
    files.write_json(REPORTS / "records" / place.with_suffix(".json"), record | {"runs": records})


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
