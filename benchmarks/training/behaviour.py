"""What a cell's code does, as a few numbers: two tiny trainings in float64 on made-up images, on the CPU.

The functions are those that train the cell. One training is of the cell's own network, for a single step: its
initialisation, losses, gradients and predictions. The other is of the cell's own recipe, for three epochs on a stand-in
of a few layers: balancing rule, optimiser, schedule, augmentation, selection, evaluation. In float64 the numbers do not
depend on the number of threads or on which of several operators with the same mathematics is used, to far less than
`TOLERANCE`; so they tell a change of what is computed from a change of how it is written. What
the trainings cannot see is probed beside them: the schedule over the cell's own epochs, ties in the selection, the last
batch, the draws of other seeds and folds, losses at their extremes. What neither sees is said in docs/contracts.md.
"""

import contextlib
import dataclasses
import math
from collections.abc import Generator, Iterable, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from benchmarks.configuration import Engine, Model, Parameters, Recipe
from benchmarks.errors import UserError
from benchmarks.networks import build, outputs_of
from benchmarks.training.cell import Cell
from benchmarks.training.checks.contract import check_contract, told
from benchmarks.training.data import Cases, grey_levels, normalise
from benchmarks.training.evaluation import Evaluation, task_losses
from benchmarks.training.optimisation import Plateau, is_part, learning_rate_factor, without_name
from benchmarks.training.run import epochs_before_return, is_last, run_epoch, select
from benchmarks.training.trainer import States, Trainer, batches, build_balancing, draw_epoch, network_seed

TOLERANCE = 1e-9  # relative; how far numbers repeat: docs/contracts.md
NEGLIGIBLE = 1e-12  # numbers below are zeros with rounding errors
DIGITS = 11  # significant, of the numbers as they are kept
SIDE = 64  # pixels, of the images that the network is trained on
SEED, FOLD = 2, 1
UNTOLD = ("seed", "fold", "epoch", "seconds")  # of an epoch's row
WORDS = {"t": "test", "v": "validation", "n": "train"}

Measured = dict[str, list[float]]
Numbers = dict[str, list[float | None]]  # as they are kept; None: not a number


def measure_network(parameters: Parameters, cell: Cell) -> Numbers:
    """One step of the cell's network by plain gradient descent, in seconds. Torch's state is left as it was found.

    Raises:
        UserError: the network cannot be built or trained for a step, or breaks the contract.
    """
    recipe = Recipe(
        optimiser={"name": "sgd", "learning_rate": 1e-3},
        schedule={"name": "constant"},
        augmentation=[],
        losses=cell.recipe.losses,
        balancing={"name": "fixed"},
        parameter_groups=cell.recipe.parameter_groups,
        auxiliary_losses=cell.recipe.auxiliary_losses,
    )
    try:
        with in_float64():
            cases = made_up_cases({"role_0": "tntn", "role_1": "ntnv"}, SIDE)
            trainer = Trainer(tiny(cell, recipe, cases, epochs=1), cases, SEED, FOLD, sources(parameters, cell))
            return rounded(tiny_training(trainer))
    except Exception as error:
        if (breach := breach_of_contract(cell)) is not None:  # says more, if it is that
            raise breach from error
        if isinstance(error, UserError):
            raise
        raise UserError(
            f"{cell.model_name} cannot be trained for a step on two images of {SIDE} pixels in float64 on the CPU, "
            f"which tells its behaviour: {told(error, cell.model)}. See docs/contracts.md."
        ) from error


def breach_of_contract(cell: Cell) -> UserError | None:
    """What the check before training says of a cell's network; None where it finds nothing or fails as well."""
    try:
        auxiliary = cell.recipe.auxiliary_losses
        check_contract(cell.model, len(cell.benchmark.classes), SIDE, torch.device("cpu"), auxiliary)
    except UserError as breach:
        return breach
    except Exception:  # the network's own, told by the caller
        return None
    return None


def measure_engine(cell: Cell, tasks: list[str]) -> Numbers:
    """Three epochs of the cell's recipe on a stand-in for a network with heads for `tasks`, in a second, and probes."""
    model = Model(f"{__name__}:StandIn", {"heads": tasks})
    with in_float64():
        cases = made_up_cases({"role_0": "tvntvnntvn", "role_1": "nnvnvtntnt"}, side=32)
        recipe = of_stand_in(cell.recipe, tasks)
        trainer = Trainer(dataclasses.replace(tiny(cell, recipe, cases, epochs=3), model=model), cases, SEED, FOLD)
        numbers = tiny_training(trainer) | probe_losses(cell) | probe_draws(cell) | probe_selection()
        numbers |= probe_batches() | probe_schedule(cell) | probe_balancing(cell.recipe, tasks)
        if cell.recipe.patience is not None or cell.recipe.best_weights_at is not None:
            numbers |= probe_ends(cell)
        if trainer.plateau is not None:
            numbers |= probe_plateau(cell)
        return rounded(numbers)


def of_stand_in(recipe: Recipe, tasks: list[str]) -> Recipe:
    """A recipe without what it says of parts and outputs that the stand-in lacks; `measure_network` has those."""
    names = [name for name, _ in StandIn(heads=tasks).named_parameters()] + ["balancing"]
    groups = recipe.parameter_groups or {}
    there = {part: group for part, group in groups.items() if any(is_part(part, name) for name in names)}
    return dataclasses.replace(recipe, parameter_groups=there or None, auxiliary_losses=None)


class StandIn(nn.Module):
    """A network of a few layers, with dropout so that its own random numbers matter."""

    def __init__(self, classes: int = 2, heads: Sequence[str] = ()):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.Dropout2d(0.2))
        self.mask = nn.Conv2d(6, 1, 3, padding=1) if "segmentation" in heads else None
        self.label = nn.Linear(6, classes) if "classification" in heads else None

    def forward(self, images: Tensor) -> tuple[Tensor | None, Tensor | None, dict]:
        features = self.encoder(images)
        mask = None if self.mask is None else self.mask(features)
        return mask, None if self.label is None else self.label(features.mean((2, 3))), {}


def moved(first: Numbers, second: Numbers) -> list[str]:
    """What differs between two measurements by more than the tolerance; empty where the behaviour is the same."""
    return [name for name in {**first, **second} if not alike(first.get(name, []), second.get(name, []))]


def alike(first: list[float | None], second: list[float | None]) -> bool:
    return len(first) == len(second) and all(close(a, b) for a, b in zip(first, second, strict=True))


def close(first: float | None, second: float | None) -> bool:
    if first is None or second is None:
        return first is second
    return math.isclose(first, second, rel_tol=TOLERANCE, abs_tol=NEGLIGIBLE)


def rounded(numbers: Measured) -> Numbers:
    """As they are kept."""
    return {
        name: [None if math.isnan(value) else float(f"{value:.{DIGITS}g}") for value in values]
        for name, values in numbers.items()
    }


@contextlib.contextmanager
def in_float64() -> Generator[None]:
    """Float64 and one thread within; random state, precision and threads as before after it."""
    precision, threads, state = torch.get_default_dtype(), torch.get_num_threads(), torch.get_rng_state()
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_default_dtype(precision)
        torch.set_num_threads(threads)
        torch.set_rng_state(state)


def tiny(cell: Cell, recipe: Recipe, cases: Cases, epochs: int) -> Cell:
    """The same cell with a budget of seconds, on the CPU."""
    training = dataclasses.replace(
        cell.benchmark.training, epochs=epochs, batch_size=2, seeds=[SEED], precision="float32"
    )
    split = dataclasses.replace(cell.benchmark.split, folds=2)
    benchmark = dataclasses.replace(
        cell.benchmark, image_size=cases.images.shape[-1], split=split, trained_folds=None, training=training
    )
    engine = Engine(device="cpu", threads=1, channels_last=False)
    return dataclasses.replace(cell, benchmark=benchmark, recipe=recipe, engine=engine)


def made_up_cases(roles: dict[str, str], side: int) -> Cases:
    """Images with a dark ellipse each, by integer arithmetic, so that they are the same everywhere.

    Args:
        roles: for each fold a letter for each image (`WORDS`).
        side: of the images in pixels.
    """
    count = len(next(iter(roles.values())))
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    images, masks = [], []
    for i in range(count):
        down, across = 64 * rows // side - 20 - 3 * i, 64 * columns // side - 40 + 2 * i
        mask = (3 + i % 3) * down**2 + (2 + i % 4) * across**2 < 400 + 60 * i
        texture = (rows * 7 + columns * 13 + rows * columns // 3 + 31 * i) % 97
        images.append(100 + texture + rows // 2 - mask * (60 + 4 * i))
        masks.append(mask)
    table = pd.DataFrame({name: [WORDS[letter] for letter in letters] for name, letters in roles.items()})
    truth = torch.stack(masks).unsqueeze(1).to(torch.uint8)
    labels = torch.tensor([(i // 2 + i) % 2 for i in range(count)])
    return Cases(table, torch.stack(images).unsqueeze(1).to(torch.uint8), truth, truth, labels)


def sources(parameters: Parameters, cell: Cell) -> States:
    """Untrained networks in place of the trained ones that the cell starts from."""
    states = {}
    for task, name in (cell.model.initialise_from or {}).items():
        torch.manual_seed(network_seed(SEED, FOLD))
        model = dataclasses.replace(parameters.model(name), encoder_weights="none")
        states[task] = build(model, len(cell.benchmark.classes)).state_dict()
    return states


def tiny_training(trainer: Trainer) -> Measured:
    """Weights, gradients, losses, scores and predictions of each epoch."""
    network, tasks, epochs = trainer.network, trainer.balancing.tasks, trainer.cell.benchmark.training.epochs
    numbers: Measured = {
        "tasks": [float("segmentation" in tasks), float("classification" in tasks)],
        "initial weights": summary(network.parameters()),
    }
    best: dict[str, list] = {}
    tests: list[Evaluation] = []
    for epoch in range(epochs):
        row, test = run_epoch(trainer, epoch)
        tests.append(test)
        select(row, best, last=epoch == epochs - 1)
        numbers[f"epoch {epoch}"] = [float(value) for name, value in row.items() if name not in UNTOLD]
        gradients = [p.grad for p in network.parameters() if p.grad is not None]
        numbers[f"gradients {epoch}"] = [float(len(gradients)), *summary(gradients)]
    numbers["selected"] = [float(number) for rule in sorted(best) for number in best[rule]]
    numbers["weights"] = summary(network.parameters())
    numbers["buffers"] = summary(b for b in network.buffers() if b.is_floating_point())
    if len(list(trainer.balancing.parameters())):
        numbers["balancing"] = summary(trainer.balancing.parameters())
    return numbers | predicted(trainer, tests[-1])


def predicted(trainer: Trainer, test: Evaluation) -> Measured:
    """What the trained network gives for the test fold."""
    numbers: Measured = {}
    if test.probabilities is not None:
        numbers["probabilities"] = [float(p) for p in test.probabilities]
    if test.masks is not None:
        numbers["mask pixels"] = [float(mask.sum()) for mask in test.masks]
    images = normalise(grey_levels(trainer.cases.images[test.positions]), trainer.cell.normalisation)
    with torch.no_grad():
        outputs = outputs_of(trainer.network.eval(), images)
    if outputs.mask is not None:
        numbers["mask logits"] = summary(outputs.mask)
    if outputs.label is not None:
        numbers["class logits"] = [float(logit) for logit in outputs.label.flatten()]
    return numbers


def summary(tensors: Iterable[Tensor]) -> list[float]:
    """Two numbers for many: the norm of all values, and a sum that sees their order and sign."""
    squares, ordered = 0.0, 0.0
    for i, tensor in enumerate(tensors):
        values = tensor.detach().flatten().to(torch.float64)
        squares += float(values @ values)
        if len(values):
            third = max(1, len(values) // 3)
            ordered += math.cos(i) * float(values[:third].mean() - 2 * values[-third:].mean() + values[0])
    return [math.sqrt(squares), ordered]


def probe_losses(cell: Cell) -> Measured:
    """The recipe's losses and their gradients for sure and unsure logits, with and without a lesion."""
    mask = torch.linspace(-24, 8, 4 * 64).reshape(4, 1, 8, 8).requires_grad_()
    label = torch.tensor([[2.0, -1.0], [0.5, 0.25], [-3.0, 3.0], [0.0, 1.0]]).requires_grad_()
    truth = torch.zeros(4, 1, 8, 8)
    truth[1:, :, 2:5, 3:] = 1  # the first has no lesion and predicts none
    classes = torch.tensor([0, 1, 1, 0])
    losses = task_losses(cell.recipe, mask, label, truth, classes)
    sum(losses.values()).backward()
    empty = task_losses(cell.recipe, mask[:1], label[:1], truth[:1], classes[:1])
    values = [*losses.values(), *empty.values()]
    gradients = [logits.grad for logits in (mask, label) if logits.grad is not None]
    return {"losses": [float(loss.detach()) for loss in values], "loss gradients": summary(gradients)}


def probe_draws(cell: Cell) -> Measured:
    """Order, augmentation and the network's own random numbers of several seeds, folds and epochs."""
    numbers: Measured = {"network seeds": [float(network_seed(seed, fold)) for seed, fold in ((0, 3), (3, 0), (12, 4))]}
    for run in ((0, 0, 0), (1, 0, 2), (0, 3, 1)):
        order, matrices = draw_epoch(np.arange(100, 140), cell.recipe, *run)
        numbers[f"draws {run}"] = [*map(float, order[:3]), summary(matrices[:, 0])[1], float(torch.rand(()))]
    return numbers


def probe_selection() -> Measured:
    """Which epochs are selected where scores rise, fall, tie and are missing."""
    best: dict[str, list] = {}
    scores = [math.nan, 0.5, 0.4, 0.5, 0.7, 0.7, math.nan]
    for epoch, score in enumerate(scores):
        row = {"epoch": epoch, "selection_score_validation": score, "selection_score_test": -score}
        select(row, best, last=epoch == len(scores) - 1)
    return {"selection": [float(number) for rule in sorted(best) for number in best[rule]]}


def probe_ends(cell: Cell) -> Measured:
    """When the cell's own training goes back to its best weights, and when it ends if no epoch is better than its
    first, or only its sixth."""
    returned, ends = epochs_before_return(cell), []
    for gains in (1, 6):
        best: dict[str, list] = {}
        for epoch in range(cell.benchmark.training.epochs):
            score = 0.01 * min(epoch, gains - 1)
            row = {"epoch": epoch, "selection_score_validation": score, "selection_score_test": score}
            last = is_last(cell, row, best)
            select(row, best, last)
            if last:
                ends.append(float(epoch))
                break
    return {"ends": [math.nan if returned is None else float(returned), *ends]}


def probe_batches() -> Measured:
    """The sizes of batches of four, with all remainders."""
    sizes = [len(order) for n in (8, 9, 10, 11) for order, _ in batches(torch.arange(n), torch.zeros(n), 4)]
    return {"batches": [float(size) for size in sizes]}


def probe_schedule(cell: Cell) -> Measured:
    """The factors of the learning rate at five points of the cell's own epochs, and their sum."""
    epochs = cell.benchmark.training.epochs
    factors = [learning_rate_factor(cell.recipe, epoch, epochs) for epoch in range(epochs)]
    return {"schedule": [factors[round(share * (epochs - 1) / 4)] for share in range(5)] + [math.fsum(factors)]}


def probe_plateau(cell: Cell) -> Measured:
    """The factors of the learning rate where no epoch is better than the third."""
    plateau, factors = Plateau(**without_name(cell.recipe.schedule)), []
    for epoch in range(cell.benchmark.training.epochs):
        score = 0.01 * min(epoch, 2)
        plateau.step({"selection_score_validation": score, "validation_loss": -score})
        factors.append(plateau.factor)
    return {"plateau": [factors[-1], math.fsum(factors)]}


def probe_balancing(recipe: Recipe, tasks: list[str]) -> Measured:
    """The balancing rule where losses, and then gradients, are far apart: some rules take signs alone."""
    torch.manual_seed(SEED)
    layer = nn.Linear(3, len(tasks))
    rule, inputs = build_balancing(recipe, tasks), torch.linspace(-1, 1, 12).reshape(4, 3)
    steps = torch.logspace(-1, 1, 60).tolist()
    gradients, weights = [], []
    for factor, added in [*((5, step) for step in steps), *((step, 1) for step in steps)]:
        outputs = (torch.tanh(layer(inputs)) - inputs[:, :1]).square().mean(0)
        losses = dict(zip(tasks, outputs, strict=True))
        losses[tasks[0]] = factor * losses[tasks[0]] + added
        layer.zero_grad()
        rule.backward(losses, layer)
        gradients += [p.grad for p in (*layer.parameters(), *rule.parameters()) if p.grad is not None]
        weights.append(torch.tensor(list(rule.weights().values())))
    return {"balanced gradients": summary(gradients), "balanced weights": summary(weights)}
