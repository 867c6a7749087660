"""A cell: one benchmark with one model, and where its files lie."""

import dataclasses
import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks.configuration import Benchmark, Engine, Model, Normalisation, Parameters, Recipe
from benchmarks.errors import UserError

RUNS = Path("runs")


@dataclass(frozen=True)
class Fingerprint:
    """What can change a cell's result, as digests (see `benchmarks/training/fingerprints.py`)."""

    stated: str  # of what the parameters say
    behaviour: str  # of what the code does with it
    code: str  # of how it is written; no part of the whole

    @property
    def whole(self) -> str:
        return short_digest(f"{self.stated} {self.behaviour}")


def short_digest(text: str) -> str:
    """Hexadecimal SHA-256, shortened to 16 digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Cell:
    benchmark_name: str
    model_name: str
    benchmark: Benchmark  # with the cell's budget
    model: Model
    recipe: Recipe
    engine: Engine
    fingerprint: Fingerprint | None = None  # None where nothing is to be kept

    @property
    def normalisation(self) -> Normalisation:
        return self.model.normalisation or self.benchmark.normalisation

    @property
    def runs(self) -> list[tuple[int, int]]:
        """Every (seed, fold)."""
        return [(s, f) for s in self.benchmark.training.seeds for f in self.benchmark.folds]

    @property
    def folder(self) -> Path:
        return RUNS / self.benchmark_name / self.model_name

    def run_folder(self, seed: int, fold: int) -> Path:
        return self.folder / f"seed{seed}-fold{fold}"


def declared_cell(parameters: Parameters, benchmark: str, model: str) -> Cell:
    """The cell of two names, as `params.yaml` declares it; without a fingerprint.

    Raises:
        UserError: either name is unknown.
    """
    return Cell(
        benchmark,
        model,
        dataclasses.replace(parameters.benchmark(benchmark), training=parameters.training_of(benchmark, model)),
        parameters.model(model),
        parameters.recipe_of(benchmark, model),
        parameters.engine,
    )


def side_by_side(engine: Engine, device: torch.device, runs: int) -> Engine:
    """The engine with its concurrent runs as a number, and with the threads that each of them has."""
    if engine.concurrent_runs != "auto":
        return engine
    count = max(1, min(engine.threads, runs)) if device.type == "cpu" else 1
    return dataclasses.replace(engine, concurrent_runs=count, threads=engine.threads // count)


def choose_device(name: str) -> torch.device:
    """`auto` is CUDA where there is one, else the CPU.

    Raises:
        UserError: a device is asked for that this machine lacks.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise UserError(
            f"params.yaml: engine.device: {name} asked for, but torch finds no CUDA device. Use auto or cpu."
        )
    try:
        return torch.device(name)
    except RuntimeError as error:
        raise UserError(f"params.yaml: engine.device: expected auto, cpu or cuda, found {name!r}.") from error
