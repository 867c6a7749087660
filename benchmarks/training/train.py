"""Train a cell: every fold and seed of one model on one benchmark.

    python -m benchmarks.training.train <benchmark> <model> [--folds 0 1] [--seeds 0] [--anew] [--params params.json]

Needs prepared/benchmarks/<benchmark>/, and of libraries only torch, torchvision, numpy, pandas, pyarrow and what the
network itself needs. Runs that are whole are kept, a run that was interrupted goes on from its last finished epoch.
The cells that a model starts from (`initialise_from`) are trained before it where they are not yet there.
"""

import argparse
import dataclasses
import math
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, wait
from functools import partial
from pathlib import Path

import torch

from benchmarks.configuration import PARAMETERS, Parameters, read_parameters
from benchmarks.errors import UserError, entry_point
from benchmarks.training import data
from benchmarks.training.cell import Cell, choose_device, side_by_side
from benchmarks.training.checks.trial import check_estimate, check_network
from benchmarks.training.collect import collect
from benchmarks.training.fingerprints import read_cell
from benchmarks.training.progress import tqdm
from benchmarks.training.run import is_finished, remove_run, run_fingerprint, train_run


def choose_runs(cell: Cell, folds: list[int] | None, seeds: list[int] | None) -> list[tuple[int, int]]:
    """The (seed, fold) pairs asked for; all of them by default.

    Raises:
        UserError: a fold or seed is not among the benchmark's.
    """
    for kind, asked, known in (
        ("fold", folds, cell.benchmark.folds),
        ("seed", seeds, cell.benchmark.training.seeds),
    ):
        unknown = [number for number in asked or [] if number not in known]
        if unknown:
            raise UserError(f"{cell.benchmark_name} has no {kind} {unknown[0]}; it has {', '.join(map(str, known))}.")
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


def train_side_by_side(cell: Cell, runs: list[tuple[int, int]], fingerprint: str, device: torch.device) -> None:
    """Runs in concurrent processes on one device. A run that fails does not stop the others.

    Raises:
        UserError: the failures, after all other runs have ended.
    """
    context = multiprocessing.get_context("spawn")
    rows, workers = context.SimpleQueue(), cell.engine.runs_at_once
    with (
        ProcessPoolExecutor(workers, mp_context=context, initializer=report_to, initargs=(rows,)) as pool,
        epochs_bar(cell, runs) as bar,
    ):
        futures = [pool.submit(train_one, cell, seed, fold, fingerprint, str(device)) for seed, fold in runs]
        waiting = set(futures)
        while waiting:
            waiting = wait(waiting, timeout=1).not_done
            while not rows.empty():
                show_epoch(bar, rows.get())
    failures = [str(failure) for future in futures if isinstance(failure := future.exception(), UserError)]
    if failures:
        raise UserError("\n".join(failures))
    for future in futures:
        future.result()


def train_in_turn(cell: Cell, cases: data.Cases, runs: list[tuple[int, int]], fingerprint: str) -> None:
    """One run after another, with a bar over all epochs."""
    with epochs_bar(cell, runs) as bar:
        for seed, fold in runs:
            train_run(cell, cases, seed, fold, fingerprint, partial(show_epoch, bar))


def epochs_bar(cell: Cell, runs: list[tuple[int, int]]) -> tqdm:
    return tqdm(
        total=len(runs) * cell.benchmark.training.epochs,
        desc=f"{cell.benchmark_name}/{cell.model_name}",
        unit="epoch",
        mininterval=5,
    )


def show_epoch(bar: tqdm, row: dict) -> None:
    """Count a finished epoch, and say what it reached in the tasks that the network has."""
    reached = {"dice": row["test_dice"], "accuracy": row["test_accuracy"]}
    texts = {name: f"{value:.3f}" for name, value in reached.items() if not math.isnan(value)}
    bar.set_postfix(fold=row["fold"], loss=f"{row['train_loss']:.3f}", **texts)
    bar.update()


def train_cell(cell: Cell, runs: list[tuple[int, int]]) -> None:
    """Train the runs that are not there yet, then write the cell's predictions, curves and record."""
    device = choose_device(cell.engine.device)
    fingerprint = run_fingerprint(cell)
    waiting = [run for run in runs if not is_finished(cell, *run, fingerprint)]
    if waiting:
        cell = dataclasses.replace(cell, engine=side_by_side(cell.engine, device, len(waiting)))
        torch.set_num_threads(cell.engine.threads)
        cases = data.load(cell.benchmark_name, cell.benchmark, device)
        check_estimate(cell, cases, waiting)
        if cell.engine.runs_at_once > 1:
            del cases  # each process reads its own
            train_side_by_side(cell, waiting, fingerprint, device)
        else:
            train_in_turn(cell, cases, waiting, fingerprint)
    collect(cell, fingerprint, partial=len(runs) < len(cell.runs))


def main() -> None:
    parser = argparse.ArgumentParser(description="Train every fold and seed of one model on one benchmark.")
    parser.add_argument("benchmark")
    parser.add_argument("model")
    parser.add_argument("--folds", type=int, nargs="+", help="train these folds only")
    parser.add_argument("--seeds", type=int, nargs="+", help="train these seeds only")
    parser.add_argument("--params", type=Path, default=PARAMETERS, help="params.yaml, or the same as JSON")
    parser.add_argument("--anew", action="store_true", help="train runs that are finished once more")
    parser.add_argument("--insist", action="store_true", help="train even past engine.hours_limit")
    arguments = parser.parse_args()
    parameters = read_parameters(arguments.params)
    if arguments.insist:
        parameters = dataclasses.replace(parameters, engine=dataclasses.replace(parameters.engine, insist=True))
    models = in_order(parameters, arguments.model)
    for model in models:
        check_network(parameters, model)
    for model in models:
        cell = read_cell(parameters, arguments.benchmark, model)
        runs = choose_runs(cell, arguments.folds, arguments.seeds)
        if arguments.anew and model == arguments.model:
            for run in runs:
                remove_run(cell, *run)
        train_cell(cell, runs)


if __name__ == "__main__":
    entry_point(main)()
