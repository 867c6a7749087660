"""Optimisers and learning-rate schedules, by the names that recipes use."""

import math
from collections.abc import Callable

import torch
from torch import nn

from benchmarks.configuration import lookup
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


SCHEDULES: dict[str, Callable[..., float]] = {
    "cosine": cosine,
    "polynomial": polynomial,
    "step": step,
    "constant": constant,
}


def without_name(settings: dict) -> dict:
    return {key: value for key, value in settings.items() if key != "name"}


def schedule_factor(settings: dict, epoch: int, epochs: int) -> float:
    """What the learning rate is multiplied by in an epoch (counted from 0)."""
    return lookup(SCHEDULES, settings["name"], "schedule")(epoch, epochs, **without_name(settings))


def build_optimiser(settings: dict, network: nn.Module, balancing: Balancing) -> torch.optim.Optimizer:
    """The recipe's optimiser over the network's parameters and the balancing rule's own.

    A rule without a learning rate of its own shares the network's group, weight decay included, as the released code
    does; one with a learning rate is not decayed.
    """
    options = without_name(settings)
    base = options.pop("learning_rate")
    own = list(balancing.parameters())
    apart = balancing.learning_rate is not None
    groups = [{"params": [p for p in network.parameters() if p.requires_grad] + ([] if apart else own)}]
    if own and apart:
        groups.append({"params": own, "lr": balancing.learning_rate, "weight_decay": 0.0})
    on_cuda = next(network.parameters()).is_cuda
    kind = lookup(OPTIMISERS, settings["name"], "optimiser")
    optimiser = kind(groups, lr=base, fused=on_cuda, **options)
    for group in optimiser.param_groups:
        group["initial_lr"] = group["lr"]
    return optimiser


def set_learning_rate(optimiser: torch.optim.Optimizer, factor: float) -> float:
    """Scale every group's initial learning rate; returns the network's."""
    for group in optimiser.param_groups:
        group["lr"] = group["initial_lr"] * factor
    return optimiser.param_groups[0]["lr"]
