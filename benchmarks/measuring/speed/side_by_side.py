"""Training steps of several runs at once, a process and a thread for each: `engine.concurrent_runs: auto`."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing.synchronize import Barrier

import torch

from benchmarks.measuring.speed.ceiling import operations_of_step, product_rate
from benchmarks.measuring.speed.loading import training_loader
from benchmarks.measuring.speed.steps import (
    Precision,
    Settings,
    conventional_of,
    reading,
    seconds_per_step,
    trainer_of,
)
from benchmarks.measuring.speed.turns import Job, Sides
from benchmarks.training.trainer import Trainer

run: tuple[Trainer, Barrier]  # of a process: what it trains, and where all of them meet


def prepare_run(settings: Settings, model: str, size: int, precision: Precision, meeting: Barrier) -> None:
    """What a process does first."""
    global run
    torch.set_num_threads(1)
    run = trainer_of(settings, model, size, precision), meeting


def steps_of_run(steps: int) -> float:
    """Seconds per step, begun when all processes are ready."""
    trainer, meeting = run
    meeting.wait()
    return seconds_per_step(trainer, steps)


class RunsAtOnce:
    """So many runs of a network, ready to take steps at the same time."""

    def __init__(self, settings: Settings, model: str, size: int, precision: Precision, count: int):
        context = multiprocessing.get_context("spawn")
        self.count = count
        arguments = (settings, model, size, precision, context.Barrier(count))
        self.pool = ProcessPoolExecutor(count, mp_context=context, initializer=prepare_run, initargs=arguments)
        self.seconds_per_step(1)

    def seconds_per_step(self, steps: int) -> float:
        """Of one step among all: the slowest run's, divided by the number of runs."""
        return max(self.pool.map(steps_of_run, [steps] * self.count)) / self.count


def side_by_side_job(settings: Settings, model: str, size: int, count: int) -> Job:
    """A step of a network where `count` runs train at once, in each precision, beside the conventional step."""
    name = f"training step, {model}, {size} px, {count} runs at once"

    def start() -> Sides:
        training = conventional_of(settings, model, size)
        batch = next(iter(training_loader(training.folder, size, 1, settings.batch_size, 0)))
        training.seconds_per_step(1)
        runs = {p: RunsAtOnce(settings, model, size, p, count) for p in settings.precisions}
        return Sides(
            {f"{name}, {p}": partial(reading, runs[p].seconds_per_step, settings.steps) for p in runs},
            partial(reading, training.seconds_per_step, settings.steps),
            operations_of_step(training, *batch),
            {f"{name}, {p}": partial(product_rate, settings.device, p) for p in runs},
        )

    return Job(name, start, settings.repetitions)
