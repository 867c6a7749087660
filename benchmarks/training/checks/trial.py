"""What is tried before a cell trains, so that it stops in seconds, not in hours: its network, and how long it takes."""

import dataclasses
import math
import statistics
import textwrap
import time

import torch

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.networks import HasLosses, StartsFromTasks, build, outputs_of
from benchmarks.training import augmentation, data
from benchmarks.training.auxiliary import recipe_losses
from benchmarks.training.cell import Cell
from benchmarks.training.checks.batch_memory import check_memory, does_not_fit, largest_batch
from benchmarks.training.checks.contract import check_contract, told
from benchmarks.training.checks.options import check_arguments
from benchmarks.training.memory import is_out_of_memory
from benchmarks.training.trainer import Trainer

WARM_UP, TIMED = 2, 5  # steps: the first are slower, by what is compiled and allocated; a busy machine delays some
USUAL_SIZES = (224, 256)  # pixels, of natural images and of the paper


def check_network(parameters: Parameters, model: str) -> None:
    """Check what a model asks of its network, before the models that it starts from are trained for it.

    Raises:
        UserError: an argument is unknown or of another kind, or the network cannot start from those models' networks.
    """
    chosen = parameters.model(model)
    check_arguments(chosen.network, chosen.arguments, f"params.yaml: models.{model}.arguments")
    if not chosen.initialise_from:
        return
    network = build(dataclasses.replace(chosen, encoder_weights="none"))
    if not isinstance(network, StartsFromTasks):
        raise UserError(f"params.yaml: models.{model}: {chosen.network} takes no initialise_from.")
    sources = {task: parameters.model(name) for task, name in chosen.initialise_from.items()}
    states = {task: build(dataclasses.replace(m, encoder_weights="none")).state_dict() for task, m in sources.items()}
    network.initialise_from_tasks(**states)


def check_estimate(cell: Cell, cases: data.Cases, runs: list[tuple[int, int]]) -> float:
    """Estimate how long the runs will take, and stop if that is past the limit.

    Returns:
        Seconds that an epoch takes, as far as a few steps tell.

    Raises:
        UserError: past `engine.hours_limit` without `engine.insist`, or the network cannot train on such images.
    """
    epochs = cell.benchmark.training.epochs
    per_epoch = try_out(cell, cases, *runs[0])
    hours = per_epoch * epochs * len(runs) / cell.engine.runs_at_once / 3600
    if hours > cell.engine.hours_limit and not cell.engine.insist:
        raise UserError(
            f"{cell.benchmark_name}/{cell.model_name} would take about {hours:.1f} h here, by a few steps; the limit "
            f"is {cell.engine.hours_limit} h (engine.hours_limit). Train a smaller benchmark (busi-small, "
            "phantom), look at the committed results in reports/, or insist: engine.insist in params.yaml, or --insist."
        )
    return per_epoch


def try_out(cell: Cell, cases: data.Cases, seed: int, fold: int) -> float:
    """`seconds_per_epoch`; what it meets that the user can mend becomes one line.

    Raises:
        UserError: the network cannot be built, breaks the contract or fails, or its batches do not fit.
    """
    place, training = f"{cell.benchmark_name}/{cell.model_name}", cell.benchmark.training
    batches = f"batches of {training.batch_size} images of {cell.benchmark.image_size} pixels"
    owner = f"recipes.{cell.model.recipe}" if cell.model.own_recipe else f"benchmarks.{cell.benchmark_name}.training"
    settings = f"benchmarks.{cell.benchmark_name}.image_size or {owner}.batch_size in params.yaml"
    try:
        classes, device = len(cell.benchmark.classes), cases.images.device
        check_contract(cell.model, classes, cell.benchmark.image_size, device, cell.recipe.auxiliary_losses)
        return seconds_per_epoch(cell, cases, seed, fold)
    except UserError as error:  # in one line, whatever a library adds
        lists_tensors = isinstance(error.__cause__, RuntimeError)  # torch does, every one that does not fit
        raise UserError(textwrap.shorten(str(error), 400 if lists_tensors else 2000, placeholder=" ...")) from error
    except Exception as error:
        if is_out_of_memory(error):
            raise UserError(f"{place}: {does_not_fit(cell, largest_batch(cell, cases, seed, fold))}") from error
        if isinstance(error, NotImplementedError):
            raise UserError(
                f"{place}: an operator is missing on {cases.images.device.type} in {training.precision}: "
                f"{told(error, cell.model)}. Train on another device (engine.device), or a benchmark of another "
                "precision; neither is changed for you."
            ) from error
        if not any(trains_at(size, cell) for size in USUAL_SIZES):
            raise UserError(f"{place}: the network's own code fails: {told(error, cell.model)}.") from error
        raise UserError(
            f"{place}: {cell.model.network} cannot train on {batches}, though it can on others. Change {settings}. "
            f"Its message: {textwrap.shorten(str(error), 200, placeholder=' ...')}"
        ) from error


def trains_at(size: int, cell: Cell) -> bool:
    """Whether the model's network computes its losses on two square images of this size."""
    images, masks, labels = torch.zeros(2, 3, size, size), torch.zeros(2, 1, size, size), torch.tensor([0, 1])
    masks[..., size // 4 : size // 2, size // 4 : size // 2] = 1
    try:
        network = build(dataclasses.replace(cell.model, encoder_weights="none"), len(cell.benchmark.classes)).train()
        if isinstance(network, HasLosses):
            network.losses(images, masks, labels)
        else:
            outputs = outputs_of(network, images)
            recipe_losses(cell.recipe, outputs, masks, labels)
    except Exception:
        return False
    return True


def seconds_per_epoch(cell: Cell, cases: data.Cases, seed: int, fold: int) -> float:
    """Time a few training steps and one evaluation of a throw-away network, and scale them to an epoch."""
    trainer = Trainer(cell, cases, seed, fold)
    size = cell.benchmark.training.batch_size
    check_memory(trainer, size)
    training = torch.from_numpy(cases.positions(fold, "train"))
    matrices = augmentation.draw(cell.recipe.augmentation, size, torch.Generator().manual_seed(0))
    trainer.network.train()

    def step() -> float:
        began = time.perf_counter()
        losses = trainer.step(training[:size].to(trainer.device), matrices[: len(training[:size])])
        math.fsum(float(loss) for loss in losses.values())  # waits for the device
        return time.perf_counter() - began

    for _ in range(WARM_UP):
        step()
    per_step = statistics.median(step() for _ in range(TIMED))
    evaluated = len(cases.positions(fold, "test")) + len(cases.positions(fold, "validation"))
    # a forward pass costs about a third of a training step
    return per_step * (len(training) + evaluated / 3) / size
