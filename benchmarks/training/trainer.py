"""What a run holds in memory, and how it learns: one network, one fold, one seed.

All randomness of an epoch is drawn from (seed, fold, epoch), so that a run that was killed and resumed ends with the
same predictions as one that was not.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.configuration import Recipe
from benchmarks.errors import UserError
from benchmarks.networks import HasLosses, StartsFromTasks, build, outputs_of, parameter_count
from benchmarks.training import augmentation
from benchmarks.training.auxiliary import recipe_losses
from benchmarks.training.averaging import build_average
from benchmarks.training.balancing import Balancing, rule_module
from benchmarks.training.cell import Cell
from benchmarks.training.data import Cases, grey_levels, normalise
from benchmarks.training.evaluation import Evaluation, evaluate
from benchmarks.training.optimisation import (
    Plateau,
    build_optimiser,
    learning_rate_factor,
    set_learning_rate,
    without_name,
)
from benchmarks.training.precision import autocast, memory_format

PARTS = ("network", "balancing", "optimiser")  # of a trainer's state
ASKED_FOR = ("plateau", "average")  # parts that only some recipes have

States = dict[str, dict[str, Tensor]]  # {task: a network's state}


class Trainer:
    """What a run holds in memory: the network, the balancing rule, the optimiser."""

    def __init__(self, cell: Cell, cases: Cases, seed: int, fold: int, sources: States | None = None):
        """Build all three as they are before the first epoch.

        Args:
            cell: benchmark and model.
            cases: the benchmark's data on the device to train on.
            seed, fold: which run.
            sources: what the network starts from, by task, where its entry says `initialise_from`; if not given, the
                weights that those models' own runs left.

        Raises:
            UserError: the network cannot be built, or a network that it should start from has not been trained.
        """
        self.cell, self.cases, self.seed, self.fold = cell, cases, seed, fold
        self.device = cases.images.device
        torch.manual_seed(network_seed(seed, fold))
        network = build(cell.model, len(cell.benchmark.classes), cell.benchmark.training.encoder_weights)
        if cell.model.initialise_from:
            initialise_from_tasks(network, cell, trained_sources(cell, seed, fold) if sources is None else sources)
        self.parameters = parameter_count(network)
        self.memory_format = memory_format(cell.engine, self.device)
        # torch's annotations of `to` know no memory format
        self.network: nn.Module = network.to(self.device, memory_format=self.memory_format)  # ty: ignore[no-matching-overload]
        self.balancing = build_balancing(cell.recipe, heads(self.network, cases)).to(self.device)
        check_auxiliary(cell, self.network)
        groups = cell.recipe.parameter_groups
        self.optimiser = build_optimiser(cell.recipe.optimiser, self.network, self.balancing, groups)
        self.plateau = self.build_plateau()
        averaging, epochs = cell.recipe.average_weights, cell.benchmark.training.epochs
        self.average = build_average(averaging, self.network, epochs) if averaging else None
        where = f"benchmarks.{cell.benchmark_name}.training.precision"
        self.autocast = autocast(cell.benchmark.training.precision, self.device, where)
        if cell.engine.compile:
            self.network.compile()

    def build_plateau(self) -> Plateau | None:
        """What lowers the learning rate where the recipe's schedule is `plateau`.

        Raises:
            UserError: there is no inner validation set to look at.
        """
        schedule = self.cell.recipe.schedule
        if schedule["name"] != "plateau":
            return None
        if not len(self.cases.positions(self.fold, "validation")):
            raise UserError(
                f"{self.cell.benchmark_name}/{self.cell.model_name}: its recipe's schedule plateau looks at inner "
                "validation, which the benchmark has none of: set split.validation, or take another schedule."
            )
        return Plateau(**without_name(schedule))

    @property
    def evaluated(self) -> nn.Module:
        """The network that is evaluated and kept: the latest, or an average."""
        return self.network if self.average is None else self.average.current

    @property
    def parts(self) -> tuple[str, ...]:
        """What the state holds: `PARTS`, and what this recipe asks for."""
        return (*PARTS, *(part for part in ASKED_FOR if getattr(self, part) is not None))

    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """The network's own losses where it has them, else the recipe's for its heads and its auxiliary outputs."""
        with self.autocast:
            if isinstance(self.network, HasLosses):
                return self.network.losses(images, masks, labels)
            outputs = outputs_of(self.network, images)
        return recipe_losses(self.cell.recipe, outputs, masks, labels)

    def step(self, at: Tensor, matrices: Tensor) -> dict[str, Tensor]:
        """One optimiser step on the cases `at`, each moved by its 2 x 2 matrix; returns the losses, detached."""
        grey = grey_levels(self.cases.images[at])
        images, masks = augmentation.apply(matrices, grey, self.cases.masks[at].to(grey.dtype))
        images = normalise(images, self.cell.normalisation).contiguous(memory_format=self.memory_format)
        labels = self.cases.labels[at]
        losses = self.losses(images, masks, labels)
        self.optimiser.zero_grad(set_to_none=True)
        self.balancing.backward(losses, self.network)
        if self.cell.recipe.clip_gradients is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.cell.recipe.clip_gradients)
        self.optimiser.step()
        if self.average is not None:
            self.average.after_step()
        self.balancing.after_step(lambda: self.losses(images, masks, labels))
        return {task: loss.detach() for task, loss in losses.items()}

    def train_epoch(self, epoch: int) -> dict[str, float]:
        """Train one epoch and return its row of the curves.

        Raises:
            UserError: a loss is not finite.
        """
        self.network.train()
        factor = learning_rate_factor(self.cell.recipe, epoch, self.cell.benchmark.training.epochs)
        factor = factor if self.plateau is None else factor * self.plateau.factor
        rate = set_learning_rate(self.optimiser, factor)
        positions = self.cases.positions(self.fold, "train")
        order, matrices = draw_epoch(positions, self.cell.recipe, self.seed, self.fold, epoch)
        totals: dict[str, Tensor] = {}
        for at, moves in batches(order, matrices, self.cell.benchmark.training.batch_size):
            for task, loss in self.step(at.to(self.device), moves).items():
                totals[task] = totals.get(task, 0) + loss * len(at)
        means = {task: float(total) / len(order) for task, total in totals.items()}
        if not all(math.isfinite(mean) for mean in means.values()):
            raise UserError(
                f"{self.cell.model_name} on {self.cell.benchmark_name}, seed {self.seed}, fold {self.fold}, "
                f"epoch {epoch}: the loss is not finite ({means}). Earlier epochs are kept. Lower the "
                "learning rate of its recipe in params.yaml, or state float32 as its benchmark's precision, and run "
                "the cell again."
            )
        self.balancing.end_epoch(means)
        if self.average is not None:
            self.average.after_epoch(epoch)
        weights = self.balancing.weights()
        tasks = ("segmentation", "classification")
        return {
            "seed": self.seed,
            "fold": self.fold,
            "epoch": epoch,
            "learning_rate": rate,
            "train_loss": sum(means.values()),
            **{f"train_{task}": means.get(task, math.nan) for task in tasks},
            **{f"weight_{task}": weights.get(task, math.nan) for task in tasks},
        }

    def evaluate(self, role: str) -> Evaluation | None:
        """Evaluate on the cases of a role in this fold; None where there are none."""
        positions = self.cases.positions(self.fold, role)
        if not len(positions):
            return None
        return evaluate(self.evaluated, self.cases, positions, self.cell.normalisation, self.cell.recipe, self.autocast)

    def end_epoch(self, row: dict[str, Any]) -> None:
        """Take notice of a finished epoch's row of the curves."""
        if self.plateau is not None:
            self.plateau.step(row)

    def state(self) -> dict[str, Any]:
        return {part: getattr(self, part).state_dict() for part in self.parts}

    def restore(self, state: dict[str, Any]) -> None:
        for part in self.parts:
            getattr(self, part).load_state_dict(state[part])


def check_auxiliary(cell: Cell, network: nn.Module) -> None:
    """A network with losses of its own weighs all of its outputs itself.

    Raises:
        UserError: the recipe has auxiliary losses for it all the same.
    """
    if cell.recipe.auxiliary_losses and isinstance(network, HasLosses):
        raise UserError(
            f"{cell.benchmark_name}/{cell.model_name}: its recipe has auxiliary_losses "
            f"({', '.join(cell.recipe.auxiliary_losses)}), but {cell.model.network} has a method `losses`, which takes "
            "the place of all of the recipe's. Take one of the two out."
        )


def network_seed(seed: int, fold: int) -> int:
    """What a run's network is initialised with."""
    return 1000 * seed + fold


def draw_epoch(positions: np.ndarray, recipe: Recipe, seed: int, fold: int, epoch: int) -> tuple[Tensor, Tensor]:
    """The order of an epoch's cases and the matrix of each; seeds what the network itself draws (dropout) as well."""
    drawn = int(np.random.SeedSequence((seed, fold, epoch)).generate_state(1)[0])
    generator = torch.Generator().manual_seed(drawn)
    torch.manual_seed(drawn)
    order = torch.from_numpy(positions)[torch.randperm(len(positions), generator=generator)]
    return order, augmentation.draw(recipe.augmentation, len(order), generator)


def batches(order: Tensor, matrices: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Cases and matrices batch by batch; a last batch of one joins the one before (batch norm cannot train on one)."""
    bounds = list(range(0, len(order), size))
    if len(bounds) > 1 and len(order) - bounds[-1] == 1:
        bounds.pop()
    for start, end in zip(bounds, [*bounds[1:], len(order)], strict=True):
        yield order[start:end], matrices[start:end]


def heads(network: nn.Module, cases: Cases) -> list[str]:
    """The tasks that a network has heads for."""
    network.eval()
    with torch.no_grad():
        outputs = outputs_of(network, grey_levels(cases.images[:2]).expand(-1, 3, -1, -1))
    present = {"segmentation": outputs.mask, "classification": outputs.label}
    return [task for task, logits in present.items() if logits is not None]


def build_balancing(recipe: Recipe, tasks: list[str]) -> Balancing:
    """The recipe's balancing rule for the tasks of a network."""
    options = {key: value for key, value in recipe.balancing.items() if key != "name"}
    return rule_module(recipe.balancing["name"]).Rule(tasks, **options)


def initialise_from_tasks(network: nn.Module, cell: Cell, sources: States) -> None:
    """Start a network from single-task ones.

    Raises:
        UserError: the network cannot.
    """
    if not isinstance(network, StartsFromTasks):
        raise UserError(f"params.yaml: models.{cell.model_name}: {cell.model.network} takes no initialise_from.")
    network.initialise_from_tasks(**sources)


def trained_sources(cell: Cell, seed: int, fold: int) -> States:
    """The single-task networks that a cell starts from: of the same fold and seed, so that no test case leaks.

    Raises:
        UserError: one of them has not been trained.
    """
    states = {}
    for task, source in (cell.model.initialise_from or {}).items():
        path = cell.folder.with_name(source) / f"seed{seed}-fold{fold}" / "weights.pt"
        if not path.is_file():
            raise UserError(f"{path}: not found. Train {cell.benchmark_name}/{source} before {cell.model_name}.")
        try:
            states[task] = torch.load(path, weights_only=True)["network"]
        except Exception as error:  # cut short, or another file: torch has a word for each
            raise UserError(
                f"{path}: not readable as weights ({type(error).__name__}). Train that run anew: "
                f"`acsbench train {cell.benchmark_name} {source} --seeds {seed} --folds {fold} --anew`."
            ) from error
    return states
