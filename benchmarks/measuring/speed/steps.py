"""Training steps and validations of the benchmark's engine on resident bytes, beside the conventional script's."""

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from benchmarks.configuration import Parameters, lookup
from benchmarks.errors import UserError
from benchmarks.measuring.speed.ceiling import operations_of_step, product_rate
from benchmarks.measuring.speed.conventional import ConventionalTraining, medpy_is_here
from benchmarks.measuring.speed.devices import wait_for
from benchmarks.measuring.speed.loading import training_loader
from benchmarks.measuring.speed.resident import resident
from benchmarks.measuring.speed.turns import Job, Reading, Sides
from benchmarks.training import augmentation
from benchmarks.training.cell import Cell, declared_cell
from benchmarks.training.evaluation import evaluate
from benchmarks.training.trainer import Trainer

STUDY = "comparison"
Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True)
class Settings:
    """What all steps of a run have in common."""

    parameters: Parameters
    folder: Path  # of image files
    device: torch.device
    precisions: list[Precision]
    steps: int  # of one turn
    repetitions: int
    workers: int  # that load images for the conventional script
    batch_size: int = 8


def models_of(parameters: Parameters) -> list[str]:
    """The networks of the comparison."""
    return lookup(parameters.studies, STUDY, "study").models


def cell_of(parameters: Parameters, model: str, size: int, batch_size: int, precision: Precision = "float32") -> Cell:
    """The comparison's cell at another image size and in another precision, from random weights."""
    benchmark = next(iter(lookup(parameters.studies, STUDY, "study").benchmarks))
    cell = declared_cell(parameters, benchmark, model)
    training = dataclasses.replace(
        cell.benchmark.training, batch_size=batch_size, encoder_weights="none", precision=precision
    )
    return dataclasses.replace(
        cell,
        benchmark=dataclasses.replace(cell.benchmark, image_size=size, training=training),
        model=dataclasses.replace(cell.model, encoder_weights="none", initialise_from=None),
    )


def trainer_of(settings: Settings, model: str, size: int, precision: Precision) -> Trainer:
    """The engine's own, in `float32` or `bfloat16`."""
    cell = cell_of(settings.parameters, model, size, settings.batch_size, precision)
    return Trainer(cell, resident(settings.folder, size, settings.device), seed=0, fold=0)


def conventional_of(settings: Settings, model: str, size: int) -> ConventionalTraining:
    """The conventional script's, of the same network."""
    chosen = settings.parameters.model(model)
    return ConventionalTraining(chosen, settings.folder, size, settings.device, settings.batch_size, settings.workers)


def seconds_per_step(trainer: Trainer, steps: int) -> float:
    """The mean of some steps, augmentation included."""
    size, recipe = trainer.cell.benchmark.training.batch_size, trainer.cell.recipe
    generator = torch.Generator().manual_seed(0)
    trainer.network.train()
    wait_for(trainer.device)
    began = time.perf_counter()
    for _ in range(steps):
        at = torch.randint(len(trainer.cases.images), (size,), generator=generator)
        trainer.step(at.to(trainer.device), augmentation.draw(recipe.augmentation, size, generator))
    wait_for(trainer.device)
    return (time.perf_counter() - began) / steps


def seconds_of_validation(trainer: Trainer) -> float:
    """One evaluation of all cases, as after an epoch."""
    positions = np.arange(len(trainer.cases.images))
    began = time.perf_counter()
    evaluate(
        trainer.network,
        trainer.cases,
        positions,
        trainer.cell.normalisation,
        trainer.cell.recipe,
        trainer.autocast,
    )
    return time.perf_counter() - began


def step_job(settings: Settings, model: str, size: int) -> Job:
    """Training steps of a network, in each precision, beside the conventional one."""
    name = f"training step, {model}, {size} px"
    return Job(name, partial(start, settings, model, size, name, steps_sides), settings.repetitions)


def validation_job(settings: Settings, model: str, size: int) -> Job:
    """A validation of every image file's case."""
    name = f"validation of {len(list(settings.folder.glob('*_mask.png')))} cases, {model}, {size} px"
    return Job(name, partial(start, settings, model, size, name, validation_sides), settings.repetitions)


def start(settings: Settings, model: str, size: int, name: str, sides_of: Callable) -> Sides:
    """The sides, each warm after a first step that does not count.

    Raises:
        UserError: they do not fit into the memory.
    """
    try:
        trainers = {p: trainer_of(settings, model, size, p) for p in settings.precisions}
        training = conventional_of(settings, model, size)
        return sides_of(settings, {f"{name}, {p}": trainer for p, trainer in trainers.items()}, training)
    except RuntimeError as error:  # of which torch.OutOfMemoryError is one
        if "memory" not in str(error):
            raise
        raise UserError(f"{name}: batches of {settings.batch_size} do not fit into the device's memory.") from error


def steps_sides(settings: Settings, trainers: dict[str, Trainer], training: ConventionalTraining) -> Sides:
    batch = next(iter(training_loader(training.folder, training.size, 1, settings.batch_size, 0)))
    operations = operations_of_step(training, *batch)
    training.seconds_per_step(1)
    for trainer in trainers.values():
        seconds_per_step(trainer, 1)
    return Sides(
        {name: partial(reading, seconds_per_step, trainer, settings.steps) for name, trainer in trainers.items()},
        partial(reading, training.seconds_per_step, settings.steps),
        operations,
        {name: partial(product_rate, settings.device, name.split(", ")[-1]) for name in trainers},
    )


def validation_sides(settings: Settings, trainers: dict[str, Trainer], training: ConventionalTraining) -> Sides:
    """Without a conventional side where medpy is missing."""
    for trainer in trainers.values():
        seconds_of_validation(trainer)
    return Sides(
        {name: partial(reading, seconds_of_validation, trainer) for name, trainer in trainers.items()},
        partial(reading, training.seconds_of_validation) if medpy_is_here() else None,
    )


def reading(timed: Callable[..., float], *arguments) -> Reading:
    return Reading(timed(*arguments))
