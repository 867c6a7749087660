"""Rung (c): one cell trained anew, judged against the stored intervals."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting.labels import METRICS, dice_of, number, with_interval
from benchmarks.reporting.results import read_cases, read_csv
from benchmarks.scoring.score import score_benchmark
from benchmarks.statistics.estimates.intervals import summarise
from benchmarks.verify.asked import read_cell, stored_scores
from benchmarks.verify.faults import Fault, Outcome


def train_anew(benchmark: str, model: str, root: Path) -> pd.DataFrame:
    """Train a cell in a folder of its own, `runs/verify/`, and return its case scores.

    An interrupted training goes on from there; the folder is removed once the cell is trained and scored.

    Raises:
        UserError: the training fails.
    """
    folder = root / "runs" / "verify" / f"{benchmark}-{model}"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("prepared", "params.yaml", "fingerprints.json", "fingerprints-code.json"):
        if not (folder / name).exists():
            (folder / name).symlink_to((root / name).resolve())
    command = [sys.executable, "-m", "benchmarks", "train", benchmark, model]
    code = str(Path(__file__).resolve().parents[2])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([code, os.environ.get("PYTHONPATH", "")])}
    if subprocess.run(command, cwd=folder, env=environment, check=False).returncode:
        raise UserError(f"{benchmark}/{model} could not be trained anew; see above. What was trained lies in {folder}.")
    score_benchmark(benchmark, folder, workers=os.cpu_count() or 1)
    cases = read_cases(folder / "reports" / "cases" / benchmark / f"{model}.csv")
    shutil.rmtree(folder)
    return cases


def check_cell(cell: str, root: Path) -> Outcome:
    """A cell's mean Dice and AUC, trained anew, must lie within the stored intervals.

    Raises:
        UserError: see `asked.read_cell`; or the training fails.
    """
    benchmark, model = read_cell(cell, root)
    settings = read_parameters(root / "params.yaml").benchmark(benchmark)
    table = read_csv(stored_scores(benchmark, root), ["selection", "model", "metric", "estimate", "low", "high"])
    table = table[(table["selection"] == settings.selection.rule) & (table["model"] == model)].set_index("metric")
    anew = summarise(train_anew(benchmark, model, root), settings.selection.rule).set_index("metric")["estimate"]
    said, outside = [], []
    for metric in [m for m in (dice_of(settings.scoring), "auc") if m in table.index]:
        row, decimals = table.loc[metric], METRICS[metric].decimals
        within = row["low"] <= anew[metric] <= row["high"]
        interval = with_interval(row["estimate"], row["low"], row["high"], decimals)
        text = f"{METRICS[metric].label} {number(anew[metric], decimals)}, stored {interval}"
        said.append(f"{text}: {'within' if within else 'outside'}")
        if not within:
            file = stored_scores(benchmark, root).relative_to(root).as_posix()
            outside.append(Fault(file, f"{metric} of {model}", f"within {interval}", number(anew[metric], decimals)))
    return "; ".join(said), outside
