"""What uncertainty weighting and IMTL-L share: a learned logarithmic scale for each loss, and a penalty on it."""

import torch
from torch import Tensor, nn

from benchmarks.training.balancing import Balancing


class LogarithmicScales(Balancing):
    """Base of both: a subclass gives each loss's weight and penalty at `self.scale`, which begins at 0.

    With one task the plain loss is used.

    Args:
        learning_rate: of the scales; without it they share the network's, at which they move little.
    """

    def __init__(self, tasks: list[str], learning_rate: float | None = None):
        super().__init__(tasks, learning_rate)
        self.scale = nn.Parameter(torch.zeros(len(tasks)))

    def weight(self) -> Tensor:
        """What each loss is multiplied by."""
        raise NotImplementedError

    def penalty(self) -> Tensor:
        """What keeps each weight from 0."""
        raise NotImplementedError

    def weighted_sum(self, losses: dict[str, Tensor]) -> Tensor:
        if len(self.tasks) == 1:
            return losses[self.tasks[0]]
        stacked = torch.stack([losses[task] for task in self.tasks])
        return (self.weight() * stacked + self.penalty()).sum()

    def weights(self) -> dict[str, float]:
        if len(self.tasks) == 1:
            return {self.tasks[0]: 1.0}
        return dict(zip(self.tasks, self.weight().tolist(), strict=True))
