"""FAMO: all losses fall at the same relative rate, by the losses alone: they are computed anew after each step.

Liu B, Feng Y, Stone P, Liu Q. FAMO: fast adaptive multitask optimization. NeurIPS 2023. Algorithms 1 and 2.
"""

from collections.abc import Callable
from functools import cached_property

import torch
from torch import Tensor

from benchmarks.training.balancing import Balancing

SMALLEST = 1e-8  # losses below are taken for it, since their logarithm is needed


class Rule(Balancing):
    """Step along c sum z_i log L_i, z = softmax(logits) and c = 1 / sum(z_i / L_i): weights c z_i / L_i, of sum 1.

    After the step the logits follow -(J of z)^T (log L_i before - log L_i after) by an Adam of their own: the task that
    fell more loses weight. The second forward pass is one in training mode, as in the authors' code: it draws dropout
    anew and updates the running statistics of batch norm once more. With one task there is none, and the plain loss's
    gradient is used.

    It needs losses above zero. The released soft Dice, whose numerator holds its smoothing twice, falls below zero
    where a mask is empty and predicted so: such a loss is taken for the smallest and pulls no more while it lasts.

    Args:
        learning_rate: of the logits; the recipe's schedule does not reach it.
        weight_decay: of the logits, towards even weights.
    """

    learning_rate: float
    logits: Tensor

    def __init__(self, tasks: list[str], learning_rate: float = 0.025, weight_decay: float = 1e-3):
        super().__init__(tasks, learning_rate)
        self.weight_decay = weight_decay
        self.register_buffer("logits", torch.zeros(len(tasks)))
        self.before = self.latest = torch.ones(len(tasks))

    @cached_property
    def optimiser(self) -> torch.optim.Optimizer:
        """Made at first use, when the logits are on their device."""
        return torch.optim.Adam([self.logits], lr=self.learning_rate, weight_decay=self.weight_decay)

    def get_extra_state(self) -> dict:
        return self.optimiser.state_dict()

    def set_extra_state(self, state: dict) -> None:
        self.optimiser.load_state_dict(state)

    def logarithms(self, losses: dict[str, Tensor]) -> Tensor:
        return torch.stack([losses[task] for task in self.tasks]).clamp(min=SMALLEST).log()

    def weighted_sum(self, losses: dict[str, Tensor]) -> Tensor:
        logarithms = self.logarithms(losses)
        self.before = logarithms.detach()
        share = torch.softmax(self.logits, 0)
        inverse = share * torch.exp(-self.before)
        self.latest = inverse / inverse.sum()
        return (share / inverse.sum() * logarithms).sum()

    @torch.no_grad()
    def after_step(self, losses: Callable[[], dict[str, Tensor]]) -> None:
        if len(self.tasks) == 1:
            return
        fallen = self.before - self.logarithms(losses())
        share = torch.softmax(self.logits, 0)
        self.logits.grad = share * (fallen - (share * fallen).sum())
        self.optimiser.step()

    def weights(self) -> dict[str, float]:
        """Those of the latest step."""
        return dict(zip(self.tasks, self.latest.tolist(), strict=True))
