"""A process that trains: it is told over a pipe what to do, and tells over it what it has done."""

import dataclasses
import sys
import time
from collections.abc import Callable
from functools import cached_property
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch

from benchmarks.bundle import trial
from benchmarks.bundle.runs import EXTERNAL, Run
from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError, told
from benchmarks.training import data, external, files, record
from benchmarks.training.cell import Cell, choose_device
from benchmarks.training.fingerprints import read_cell
from benchmarks.training.run import epochs_of_state, is_finished, run_fingerprint, train_run

THREADS = 1  # of a process: on a CPU others have the rest, and on a GPU more do not pay


class OutOfTime(Exception):
    """The run's next epoch would end too late; its state is kept."""


def serve(pipe: Connection, parameters: Path, device: str, commit: str) -> None:
    """Do what comes over the pipe until it is closed: `(name of a method, *arguments)` of `Work`.

    The answer is `(name, what the method returns)`, or `("failed", why)`. A pipe whose other end has gone, for its
    process was killed, ends this one after its epoch.
    """
    sys.stdout = sys.stderr  # what training prints; the summary alone goes to the output
    # A bundle is no clone: its records name the commit that it was made of.
    record.git_commit = lambda: commit  # ty: ignore[invalid-assignment]  (what is assigned has no name)
    torch.set_num_threads(THREADS)
    work = Work(pipe, parameters, device)
    try:
        while True:
            name, *arguments = pipe.recv()
            pipe.send(answered(name, getattr(work, name), *arguments))
    except (EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        return


def answered(name: str, method: Callable[..., Any], *arguments: Any) -> tuple[str, Any]:
    try:
        return name, method(*arguments)
    except UserError as error:
        return "failed", str(error)
    except (BrokenPipeError, ConnectionResetError):
        raise
    except OSError as error:
        return "failed", told(error) or f"{type(error).__name__}: {error}"
    except Exception as error:  # a network's own, torch's: told by the list's end, and the others go on
        return "failed", f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"


def alone_on(cell: Cell, device: torch.device) -> Cell:
    """The cell as one of several processes trains it, each a run, on a machine that params.yaml does not speak of."""
    engine = dataclasses.replace(cell.engine, device=str(device), threads=THREADS, concurrent_runs=1, insist=True)
    return dataclasses.replace(cell, engine=engine)


class Work:
    """What a process can be told to do."""

    def __init__(self, pipe: Connection, parameters: Path, device: str):
        self.pipe, self.asked = pipe, device
        self.parameters = read_parameters(parameters)
        self.cells: dict[str, Cell] = {}
        self.cases: dict[str, data.Cases] = {}
        self.steps: trial.Steps | None = None

    @cached_property
    def device(self) -> torch.device:
        return choose_device(self.asked)

    def cell(self, run: Run) -> Cell:
        if run.cell not in self.cells:
            cell = read_cell(self.parameters, run.benchmark, run.model)
            self.cells[run.cell] = alone_on(cell, self.device)
        return self.cells[run.cell]

    def cases_of(self, run: Run) -> data.Cases:
        if run.benchmark not in self.cases:
            self.cases[run.benchmark] = data.load(run.benchmark, self.cell(run).benchmark, self.device)
        return self.cases[run.benchmark]

    def check_device(self, side: int) -> dict:
        """What is reported of the device and of ACSNet's operators on it, for images of so many pixels a side."""
        from benchmarks.measuring.operators import operator_errors  # it takes torchvision's seconds

        return {"operators": operator_errors(self.device, side)}

    def present(self) -> tuple[dict[str, Any], float]:
        """What is recorded of the machine, and the bytes of its device that are free."""
        told = {"device": record.device_name(self.device), "type": self.device.type, "cuda": torch.version.cuda}
        free = trial.free_memory(self.device)
        return told | {"versions": record.versions(), "memory_free": free}, free

    def epochs(self, run: Run, fingerprint: str) -> int:
        """How far an interrupted run has come."""
        return epochs_of_state(run.folder, fingerprint)

    def measure(self, run: Run, test_on: list[str], share: bool) -> tuple[trial.Speed, dict]:
        """A cell's speed, and what is reported of it, if asked for with its share of the device's ceiling."""
        cell, cases = self.cell(run), self.cases_of(run)
        measured = trial.measure(self.parameters, cell, cases, run.seed, run.fold, test_on, share)
        self.tidy()
        return measured

    def warm(self, run: Run) -> None:
        """Make ready to be timed beside others."""
        if self.steps is None:
            self.steps = trial.Steps(self.parameters, self.cell(run), self.cases_of(run), run.seed, run.fold)

    def rate(self, seconds: float) -> float:
        """Steps per second of what was made ready."""
        if self.steps is None:
            raise ValueError("expected `warm` before `rate`.")
        return self.steps.rate(seconds)

    def tidy(self) -> None:
        self.steps = None
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def train(self, run: Run, deadline: float, test_on: list[str]) -> bool:
        """Train a run to its end, or until its next epoch would end after the deadline; whether it is whole.

        Args:
            run: which.
            deadline: on the monotonic clock.
            test_on: other datasets that its network then predicts.
        """
        cell = self.cell(run)
        fingerprint, last = run_fingerprint(cell), cell.benchmark.training.epochs - 1

        def after_epoch(row: dict) -> None:
            self.pipe.send(("epoch", row))
            if row["epoch"] < last and time.monotonic() + row["seconds"] > deadline:
                raise OutOfTime

        try:
            if not is_finished(cell, run.seed, run.fold, fingerprint):
                train_run(cell, self.cases_of(run), run.seed, run.fold, fingerprint, after_epoch)
            self.test(cell, run, fingerprint, test_on)
        except OutOfTime:
            return False
        finally:
            self.tidy()
        return True

    def test(self, cell: Cell, run: Run, fingerprint: str, test_on: list[str]) -> None:
        """Predict other datasets with a run's network, each table with its entry of the record."""
        for dataset in test_on:
            place = EXTERNAL / run.cell / dataset / run.folder.name
            if place.with_suffix(".json").is_file():
                continue
            loaded = external.load_external(dataset, cell, self.device)
            network, kept = external.load_network(cell, run.seed, run.fold, self.device)
            table, entry = external.predicted(cell, network, kept, loaded, run.seed, run.fold, fingerprint)
            files.write_table(place.with_suffix(".parquet"), table)
            files.write_json(place.with_suffix(".json"), entry)
