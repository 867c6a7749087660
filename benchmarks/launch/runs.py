"""One run, what its folder says of it, and how it is trained."""

import dataclasses
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks.errors import UserError, told
from benchmarks.training import data
from benchmarks.training.cell import Cell, choose_device
from benchmarks.training.collect import entered_runs, read_run
from benchmarks.training.run import epochs_of_state, held_run, is_finished, train_run


@dataclass(frozen=True)
class Run:
    """What one worker trains: one network on one fold with one seed."""

    cell: Cell
    seed: int
    fold: int
    fingerprint: str  # of code, parameters and data; empty where it is not known without measuring

    @property
    def key(self) -> tuple[str, str, int, int]:
        return self.cell.benchmark_name, self.cell.model_name, self.seed, self.fold

    @property
    def name(self) -> str:
        return f"{self.cell.benchmark_name}/{self.cell.model_name}, seed {self.seed}, fold {self.fold}"

    @property
    def folder(self) -> Path:
        return self.cell.run_folder(self.seed, self.fold)

    @property
    def epochs(self) -> int:
        """The most that it may take; a recipe's patience may end it before."""
        return self.cell.benchmark.training.epochs

    @property
    def sources(self) -> list[tuple[str, str, int, int]]:
        """The runs whose weights this one starts from."""
        benchmark, models = self.cell.benchmark_name, (self.cell.model.initialise_from or {}).values()
        return [(benchmark, model, self.seed, self.fold) for model in dict.fromkeys(models)]

    def on_threads(self, threads: int) -> "Run":
        return dataclasses.replace(
            self, cell=dataclasses.replace(self.cell, engine=dataclasses.replace(self.cell.engine, threads=threads))
        )


def is_done(run: Run) -> bool:
    """Whether a run is on disk and made by the same code, parameters and data. Its files may still be damaged."""
    return bool(run.fingerprint) and is_finished(run.cell, run.seed, run.fold, run.fingerprint)


def fault_of(run: Run) -> str | None:
    """Why what a run has left cannot be entered; None where it can."""
    if not is_done(run):
        return f"{run.folder}: the worker ended without a finished run of this code, these parameters and these data."
    try:
        read_run(run.cell, run.folder)
    except UserError as error:
        return str(error)
    return None


def epochs_done(run: Run) -> int:
    """How many epochs of a run are on disk."""
    if is_done(run):
        return run.epochs
    return epochs_of_state(run.folder, run.fingerprint)


def is_held(run: Run) -> bool:
    """Whether another process is at work on a run."""
    try:
        with held_run(run.cell, run.seed, run.fold):
            return False
    except UserError:
        return True


def is_whole(cell: Cell, fingerprint: str) -> bool:
    """Whether each run of a cell is on disk or in its report files."""
    entered = entered_runs(cell, fingerprint)
    return all(run in entered or is_done(Run(cell, *run, fingerprint)) for run in cell.runs)


def train_in(workspace: Path, run: Run, after_epoch: Callable[[dict], None] = lambda row: None) -> None:
    """Train a run to its end in a workspace: a worker's whole task.

    Raises:
        UserError: what the user can mend.
    """
    os.chdir(workspace)
    torch.set_num_threads(run.cell.engine.threads)
    device = choose_device(run.cell.engine.device)
    cases = data.load(run.cell.benchmark_name, run.cell.benchmark, device)
    train_run(run.cell, cases, run.seed, run.fold, run.fingerprint, after_epoch)


def in_words(error: BaseException) -> str:
    """What a worker's failure is called in the list of failures."""
    if isinstance(error, UserError):
        return str(error)
    mendable = told(error) if isinstance(error, OSError) else None
    return mendable or f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"
