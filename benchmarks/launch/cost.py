"""What runs cost, from what was measured: never an estimate for a network, an image size or a machine that was not."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from benchmarks.configuration import Parameters
from benchmarks.launch.plan import Planned
from benchmarks.training.cell import Cell
from benchmarks.training.data import PREPARED

RECORDS = Path("reports/records")
SPEED = Path("reports/speed.csv")  # seconds of a training step of eight images, by network, size and precision
NETWORKS = Path("reports/networks.csv")  # the same on one thread, at 64 pixels in float32
FOLDS = Path("benchmarks/folds")
IMAGES_OF_A_STEP = 8
SIZE_OF_NETWORKS = 64  # pixels
FORWARD = 1 / 3  # of a training step's time: what an image costs that is evaluated


@dataclass(frozen=True)
class Cost:
    """Seconds of an epoch, and where they come from; None where nothing fits."""

    seconds: float | None
    source: str


def epoch_cost(parameters: Parameters, cell: Cell, fold: int) -> Cost:
    """What an epoch of a cell takes: as its earlier runs took it, else from seconds per step as measured.

    Those come from `reports/speed.csv`, for this network at this size and precision, or from `reports/networks.csv`,
    which is of 64 pixels and float32. An evaluated image counts as a third of one that is trained on.
    """
    if earlier := of_earlier_runs(cell):
        return earlier
    measured = of_speed(cell) or of_networks(parameters, cell)
    if measured is None:
        training = cell.benchmark.training
        return Cost(None, f"not measured at {cell.benchmark.image_size} px in {training.precision}")
    cases = cases_of(parameters, cell.benchmark_name, fold)
    if cases is None:
        return Cost(None, f"the folds of {cell.benchmark_name} are not drawn here")
    trained, evaluated = cases
    step, source = measured
    return Cost(step / IMAGES_OF_A_STEP * (trained + evaluated * FORWARD), source)


def hours_of(parameters: Parameters, planned: Planned) -> tuple[float | None, str]:
    """Hours that a run still takes, and where that comes from."""
    cost = epoch_cost(parameters, planned.run.cell, planned.run.fold)
    return None if cost.seconds is None else cost.seconds * planned.epochs_left / 3600, cost.source


def of_earlier_runs(cell: Cell) -> Cost | None:
    path = RECORDS / cell.benchmark_name / f"{cell.model_name}.json"
    runs = json.loads(path.read_text(encoding="utf-8"))["runs"] if path.is_file() else []
    runs = [run for run in runs if run.get("image_size") == cell.benchmark.image_size]
    if not runs:
        return None
    seconds = pd.Series([run["seconds_per_epoch"] for run in runs]).median()
    places = {f"{run['device']}, {run['threads']} thread{'s' if run['threads'] > 1 else ''}" for run in runs}
    return Cost(float(seconds), f"its earlier runs on {'; '.join(sorted(places))}")


def table(path: Path) -> pd.DataFrame:
    return read_once(path.resolve()) if path.is_file() else pd.DataFrame(columns=["job", "model", "machine"])


@cache
def read_once(path: Path) -> pd.DataFrame:
    return pd.read_csv(path)


def of_speed(cell: Cell) -> tuple[float, str] | None:
    """Seconds of a step of eight images, and the machine."""
    size, precision = cell.benchmark.image_size, cell.benchmark.training.precision
    rows = table(SPEED)
    rows = rows[rows["job"] == f"training step, {cell.model_name}, {size} px, {precision}"]
    if rows.empty:
        return None
    row = rows.iloc[-1]
    return float(row["seconds"]), f"{SPEED}: {row['machine']}, {row['threads']} threads"


def of_networks(parameters: Parameters, cell: Cell) -> tuple[float, str] | None:
    """The same from the table of networks, which has a row for the first model of each distinct network."""
    if cell.benchmark.image_size != SIZE_OF_NETWORKS or cell.benchmark.training.precision != "float32":
        return None
    asked = cell.model.network, cell.model.arguments
    for row in table(NETWORKS).to_dict("records"):
        model = parameters.models.get(row["model"])
        if model and (model.network, model.arguments) == asked:
            return float(row["seconds"]), f"{NETWORKS}: {row['machine']}, 1 thread"
    return None


def cases_of(parameters: Parameters, benchmark: str, fold: int) -> tuple[int, int] | None:
    """How many cases a fold trains on and evaluates, of another benchmark with the same split if need be."""
    chosen = parameters.benchmark(benchmark)
    alike = [
        name
        for name, other in parameters.benchmarks.items()
        if (other.dataset, other.classes, other.split) == (chosen.dataset, chosen.classes, chosen.split)
    ]
    for name in (benchmark, *alike):
        for path in (PREPARED / name / "folds.csv", FOLDS / f"{name}.csv"):
            if path.is_file() and f"role_{fold}" in (folds := table(path)):
                roles = folds[f"role_{fold}"].value_counts()
                return int(roles.get("train", 0)), int(roles.get("test", 0) + roles.get("validation", 0))
    return None
