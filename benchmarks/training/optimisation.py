"""Optimisers, groups of parameters and learning-rate schedules, by the names that recipes use."""

import math
from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import nn

from benchmarks.configuration import ParameterGroup, Recipe, lookup
from benchmarks.errors import UserError
from benchmarks.networks import HasParameterGroups
from benchmarks.training.balancing import Balancing

OPTIMISERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}


def cosine(epoch: int, epochs: int, final_share: float = 0.0) -> float:
    """(1 - f) (1 + cos(pi e / E)) / 2 + f: ACSNet's released schedule with f = 0.1."""
    return (1 - final_share) * (1 + math.cos(math.pi * epoch / epochs)) / 2 + final_share


def polynomial(epoch: int, epochs: int, power: float = 0.9) -> float:
    """(1 - e / E)^power."""
    return (1 - epoch / epochs) ** power


def step(epoch: int, epochs: int, at_share: float = 0.5, factor: float = 0.1) -> float:
    """1 until `at_share` of the epochs, then `factor`."""
    return 1.0 if epoch < at_share * epochs else factor


def constant(epoch: int, epochs: int) -> float:
    return 1.0


def plateau(
    epoch: int, epochs: int, factor: float = 0.1, patience: int = 10, by: Literal["score", "loss"] = "score"
) -> float:
    """1: what lowers the rate is `Plateau`, which has seen the epochs before."""
    return 1.0


SCHEDULES: dict[str, Callable[..., float]] = {
    "cosine": cosine,
    "polynomial": polynomial,
    "step": step,
    "constant": constant,
    "plateau": plateau,
}


class Plateau:
    """`torch.optim.lr_scheduler.ReduceLROnPlateau`, on the factor of the learning rate.

    The rate is lowered after more than `patience` epochs without a gain of the inner validation set's selection score
    (`by: score`) or loss (`by: loss`).
    """

    def __init__(self, factor: float = 0.1, patience: int = 10, by: Literal["score", "loss"] = "score"):
        self.column, mode = {"score": ("selection_score_validation", "max"), "loss": ("validation_loss", "min")}[by]
        self.carrier = torch.optim.SGD([torch.zeros(1)], lr=1.0)  # whose learning rate is the factor
        self.scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(self.carrier, mode, factor, patience)

    @property
    def factor(self) -> float:
        return self.carrier.param_groups[0]["lr"]

    def step(self, row: dict[str, Any]) -> None:
        """Look at a finished epoch's row of the curves."""
        self.scheduler.step(row[self.column])

    def state_dict(self) -> dict[str, Any]:
        return self.scheduler.state_dict() | {"rate": self.factor}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.carrier.param_groups[0]["lr"] = state["rate"]
        self.scheduler.load_state_dict({key: value for key, value in state.items() if key != "rate"})


def without_name(settings: dict) -> dict:
    return {key: value for key, value in settings.items() if key != "name"}


def schedule_factor(settings: dict, epoch: int, epochs: int) -> float:
    """What the learning rate is multiplied by in an epoch (counted from 0)."""
    return lookup(SCHEDULES, settings["name"], "schedule")(epoch, epochs, **without_name(settings))


def learning_rate_factor(recipe: Recipe, epoch: int, epochs: int) -> float:
    """The schedule's factor, multiplied by the warm-up's where the recipe has one."""
    factor = schedule_factor(recipe.schedule, epoch, epochs)
    if recipe.warm_up is None or epoch >= recipe.warm_up.epochs:
        return factor
    start = recipe.warm_up.start
    return factor * (start + (1 - start) * epoch / recipe.warm_up.epochs)


Groups = dict[str, ParameterGroup]


def build_optimiser(
    settings: dict, network: nn.Module, balancing: Balancing, recipe_groups: Groups | None = None
) -> torch.optim.Optimizer:
    """The recipe's optimiser over the network's parameters and the balancing rule's own.

    A rule without a learning rate of its own shares the network's group, weight decay included, as the released code
    does; one with a learning rate is not decayed. The recipe's groups take the place of the network's own
    (`parameter_groups`); what is in none is learned as the optimiser says.

    Raises:
        UserError: a group names no part of the network, two contradict each other, or the network's own groups do not
            hold each of its parameters once.
    """
    options = without_name(settings)
    base = options.pop("learning_rate")
    own = list(balancing.parameters())
    apart = balancing.learning_rate is not None
    learned = [p for p in network.parameters() if p.requires_grad]
    groups: list[dict[str, Any]]
    if recipe_groups:
        groups = groups_by_name(recipe_groups, network, [] if apart else own, base)
    elif isinstance(network, HasParameterGroups):
        groups = own_groups(network, learned, base)
        groups[0]["params"] += [] if apart else own
    else:
        groups = [{"params": learned + ([] if apart else own)}]
    if own and apart:
        groups.append({"params": own, "lr": balancing.learning_rate, "weight_decay": 0.0})
    on_cuda = next(network.parameters()).is_cuda
    kind = lookup(OPTIMISERS, settings["name"], "optimiser")
    optimiser = kind(groups, lr=base, fused=on_cuda, **options)
    for group in optimiser.param_groups:
        group["initial_lr"] = group["lr"]
    return optimiser


def groups_by_name(settings: Groups, network: nn.Module, own: list[nn.Parameter], base: float) -> list[dict[str, Any]]:
    """The parameters by what a recipe says of them, those of which it says nothing first.

    A name is one of a part, at any depth (`encoder`, `bias`, `decoder.last`); `balancing` is the balancing rule. Of a
    parameter in several groups the factors are multiplied.

    Args:
        settings: the recipe's groups.
        network, own: whose parameters, and those of the balancing rule that share the network's rate.
        base: the recipe's learning rate.

    Raises:
        UserError: a name is of no part, or a parameter is in two groups of different weight decays.
    """
    named = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
    named += [(f"balancing.{number}", p) for number, p in enumerate(own)]
    for part in settings:
        if not any(is_part(part, name) for name, _ in named) and part != "balancing":
            known = ", ".join(dict.fromkeys(name.partition(".")[0] for name, _ in named))
            raise UserError(
                f"params.yaml: parameter_groups: no part of the network is called {part!r}. Known: {known}."
            )
    members: dict[tuple[float, float | None], list[nn.Parameter]] = {(1.0, None): []}
    for name, parameter in named:
        chosen = {part: group for part, group in settings.items() if is_part(part, name)}
        decays = {group.weight_decay for group in chosen.values()} - {None}
        if len(decays) > 1:
            raise UserError(
                f"params.yaml: parameter_groups: {name} is in {' and '.join(chosen)}, of different weight decays."
            )
        factor = math.prod(group.factor for group in chosen.values())
        members.setdefault((factor, next(iter(decays), None)), []).append(parameter)
    return [
        {"params": parameters, "lr": base * factor} | ({} if decay is None else {"weight_decay": decay})
        for (factor, decay), parameters in members.items()
        if parameters
    ]


def is_part(part: str, name: str) -> bool:
    """Whether a parameter's name leads through a part."""
    return f".{part}." in f".{name}."


def own_groups(network: HasParameterGroups, learned: list[nn.Parameter], base: float) -> list[dict[str, Any]]:
    """The groups that a network itself asks for, `factor` of each turned into a learning rate.

    Raises:
        UserError: they are not as docs/contracts.md has them.
    """
    where = f"{type(network).__name__}.parameter_groups"
    groups: list[dict[str, Any]] = network.parameter_groups()
    for group in groups:
        if "params" not in group or not set(group) <= {"params", "factor", "weight_decay"}:
            found = ", ".join(sorted(group))
            raise UserError(f"{where}: expected the keys params, factor and weight_decay, found {found}.")
    groups = [dict(group, params=[p for p in group["params"] if p.requires_grad]) for group in groups]
    given = [id(parameter) for group in groups for parameter in group["params"]]
    if sorted(given) != sorted(id(parameter) for parameter in learned):
        raise UserError(
            f"{where}: expected each of the {len(learned)} parameters that are learned once, found {len(given)}, "
            f"{len(set(given))} different ones."
        )
    rates = [base * float(group.pop("factor", 1.0)) for group in groups]
    return [group | {"lr": rate} for group, rate in zip(groups, rates, strict=True) if group["params"]]


def set_learning_rate(optimiser: torch.optim.Optimizer, factor: float) -> float:
    """Scale every group's initial learning rate; returns the network's."""
    for group in optimiser.param_groups:
        group["lr"] = group["initial_lr"] * factor
    return optimiser.param_groups[0]["lr"]
