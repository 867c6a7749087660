"""Train a cell: every fold and seed of one model on one benchmark (`acsbench train`).

Needs prepared/benchmarks/<benchmark>/, and of libraries only torch, torchvision, numpy, pandas, pyarrow and what the
network itself needs. Runs that are whole are kept, a run that was interrupted goes on from its last finished epoch.
The cells that a model starts from (`initialise_from`) are trained before it where they are not yet there.
"""

import dataclasses
import math
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, wait

import torch

from benchmarks.configuration import Parameters
from benchmarks.configuration.asked import check_runs
from benchmarks.errors import UserError
from benchmarks.training import data
from benchmarks.training.cell import Cell, choose_device, side_by_side
from benchmarks.training.checks.trial import check_estimate, check_network
from benchmarks.training.collect import collect
from benchmarks.training.fingerprints import read_cell
from benchmarks.training.progress import TimeLeft, tqdm
from benchmarks.training.run import epochs_of_state, is_finished, remove_run, run_fingerprint, train_run


def choose_runs(cell: Cell, folds: list[int] | None, seeds: list[int] | None) -> list[tuple[int, int]]:
    """The (seed, fold) pairs asked for; all of them by default.

    Raises:
        UserError: a fold or seed is not among the benchmark's.
    """
    check_runs(cell.benchmark_name, cell.benchmark, folds, seeds)
    return [(s, f) for s, f in cell.runs if (not folds or f in folds) and (not seeds or s in seeds)]


def in_order(parameters: Parameters, model: str) -> list[str]:
    """The model after those that it starts from (`initialise_from`), each once."""
    sources = (parameters.model(model).initialise_from or {}).values()
    return list(dict.fromkeys([*(name for source in sources for name in in_order(parameters, source)), model]))


finished_epochs: "multiprocessing.SimpleQueue"  # of a process among several: where its epochs go


def report_to(rows: "multiprocessing.SimpleQueue") -> None:
    """Give a process the queue that its finished epochs go to."""
    global finished_epochs
    finished_epochs = rows


def train_one(cell: Cell, seed: int, fold: int, fingerprint: str, device: str) -> None:
    """A run in a process of its own."""
    torch.set_num_threads(cell.engine.threads)
    cases = data.load(cell.benchmark_name, cell.benchmark, torch.device(device))
    train_run(cell, cases, seed, fold, fingerprint, finished_epochs.put)


def train_side_by_side(
    cell: Cell, runs: list[tuple[int, int]], fingerprint: str, device: torch.device, per_epoch: float
) -> None:
    """Runs in concurrent processes on one device. A run that fails does not stop the others.

    Args:
        per_epoch: seconds that an epoch takes, as an estimate to begin with.

    Raises:
        UserError: the failures, after all other runs have ended.
    """
    context = multiprocessing.get_context("spawn")
    rows, workers = context.SimpleQueue(), cell.engine.runs_at_once
    with (
        ProcessPoolExecutor(workers, mp_context=context, initializer=report_to, initargs=(rows,)) as pool,
        EpochsBar(cell, runs, fingerprint, per_epoch) as bar,
    ):
        futures = [pool.submit(train_one, cell, seed, fold, fingerprint, str(device)) for seed, fold in runs]
        waiting = set(futures)
        while waiting:
            waiting = wait(waiting, timeout=1).not_done
            while not rows.empty():
                bar.show(rows.get())
    failures = [str(failure) for future in futures if isinstance(failure := future.exception(), UserError)]
    if failures:
        raise UserError("\n".join(failures))
    for future in futures:
        future.result()


def train_in_turn(
    cell: Cell, cases: data.Cases, runs: list[tuple[int, int]], fingerprint: str, per_epoch: float
) -> None:
    """One run after another, with a bar over all epochs."""
    with EpochsBar(cell, runs, fingerprint, per_epoch) as bar:
        for seed, fold in runs:
            train_run(cell, cases, seed, fold, fingerprint, bar.show)


class EpochsBar:
    """A bar over the epochs of several runs, with what the last one reached and an estimate of the time left."""

    def __init__(self, cell: Cell, runs: list[tuple[int, int]], fingerprint: str, per_epoch: float):
        """
        Args:
            cell: benchmark and model.
            runs: (seed, fold) of those that are trained.
            fingerprint: of the cell; what an interrupted run of it has trained stands in the bar from the start.
            per_epoch: seconds that an epoch takes, as an estimate to begin with.
        """
        epochs = len(runs) * cell.benchmark.training.epochs
        done = sum(epochs_of_state(cell.run_folder(*run), fingerprint) for run in runs)
        self.left = TimeLeft(epochs - done, per_epoch, cell.engine.runs_at_once)
        self.bar = tqdm(
            total=epochs,
            initial=done,
            desc=f"{cell.benchmark_name}/{cell.model_name}",
            unit="epoch",
            mininterval=5,
            bar_format="{desc}: {n_fmt}/{total_fmt} epochs |{bar}| {elapsed}{postfix}",
        )
        self.bar.set_postfix(left=self.left.text())

    def show(self, row: dict) -> None:
        """Count a finished epoch, and say what it reached in the tasks that the network has."""
        reached = {"dice": row["test_dice"], "accuracy": row["test_accuracy"]}
        texts = {name: f"{value:.3f}" for name, value in reached.items() if not math.isnan(value)}
        self.left.count(row)
        self.bar.set_postfix(left=self.left.text(), fold=row["fold"], loss=f"{row['train_loss']:.3f}", **texts)
        self.bar.update()

    def __enter__(self) -> "EpochsBar":
        return self

    def __exit__(self, *error) -> None:
        self.bar.close()


def train_cell(cell: Cell, runs: list[tuple[int, int]]) -> None:
    """Train the runs that are not there yet, then write the cell's predictions, curves and record."""
    device = choose_device(cell.engine.device)
    fingerprint = run_fingerprint(cell)
    waiting = [run for run in runs if not is_finished(cell, *run, fingerprint)]
    if waiting:
        cell = dataclasses.replace(cell, engine=side_by_side(cell.engine, device, len(waiting)))
        torch.set_num_threads(cell.engine.threads)
        cases = data.load(cell.benchmark_name, cell.benchmark, device)
        per_epoch = check_estimate(cell, cases, waiting)
        if cell.engine.runs_at_once > 1:
            del cases  # each process reads its own
            train_side_by_side(cell, waiting, fingerprint, device, per_epoch)
        else:
            train_in_turn(cell, cases, waiting, fingerprint, per_epoch)
    collect(cell, fingerprint, partial=len(runs) < len(cell.runs))


def train(
    parameters: Parameters,
    benchmark: str,
    model: str,
    folds: list[int] | None = None,
    seeds: list[int] | None = None,
    *,
    anew: bool = False,
    insist: bool = False,
) -> None:
    """Train a model on a benchmark, after the models that it starts from.

    Args:
        parameters: of `params.yaml`.
        benchmark: its name.
        model: its name.
        folds: these alone; all by default.
        seeds: these alone; all by default.
        anew: train the model's finished runs once more.
        insist: train even past `engine.hours_limit`.

    Raises:
        UserError: a name, fold or seed is unknown, the data are not prepared, or a network or a training fails.
    """
    if insist:
        parameters = dataclasses.replace(parameters, engine=dataclasses.replace(parameters.engine, insist=True))
    data.check_prepared(benchmark)
    models = in_order(parameters, model)
    for name in models:
        check_network(parameters, name)
    for name in models:
        cell = read_cell(parameters, benchmark, name)
        runs = choose_runs(cell, folds, seeds)
        if anew and name == model:
            for run in runs:
                remove_run(cell, *run)
        train_cell(cell, runs)
