"""Dynamic weight average: the task whose loss fell less from one epoch to the next weighs more in the one after.

Liu S, Johns E, Davison AJ. End-to-end multi-task learning with attention. CVPR 2019. Equation 7.
"""

import torch
from torch import Tensor

from benchmarks.errors import UserError
from benchmarks.training.balancing import Balancing


class Rule(Balancing):
    """K softmax(r / temperature) over the K tasks, r the mean loss of the last epoch over that of the one before.

    The weights are 1 in the first two epochs, and with one task always.

    Args:
        temperature: the larger, the more even the weights.
    """

    past_losses: Tensor

    def __init__(self, tasks: list[str], temperature: float = 2.0):
        super().__init__(tasks)
        if not temperature > 0:
            raise UserError(f"params.yaml: balancing dwa: temperature: expected above 0, found {temperature!r}.")
        self.temperature = temperature
        self.register_buffer("past_losses", torch.full((2, len(tasks)), torch.nan))  # the older epoch first

    def current(self) -> Tensor:
        older, newer = self.past_losses
        if older.isnan().any():
            return torch.ones_like(newer)
        return len(self.tasks) * torch.softmax(newer / older / self.temperature, 0)

    def weighted_sum(self, losses: dict[str, Tensor]) -> Tensor:
        return (self.current() * torch.stack([losses[task] for task in self.tasks])).sum()

    def weights(self) -> dict[str, float]:
        """After an epoch's end: those of the next."""
        return dict(zip(self.tasks, self.current().tolist(), strict=True))

    def end_epoch(self, mean_losses: dict[str, float]) -> None:
        latest = self.past_losses.new_tensor([mean_losses[task] for task in self.tasks])
        self.past_losses.copy_(torch.stack([self.past_losses[1], latest]))
