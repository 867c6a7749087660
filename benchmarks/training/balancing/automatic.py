"""The ACSNet code's weighting: sum of 0.5 / p^2 L + log(1 + p^2), p learned from 1.

Liebel L, Koerner M. Auxiliary tasks in multi-task learning. arXiv 1805.06334, 2018.
"""

import torch
from torch import Tensor, nn

from benchmarks.training.balancing import Balancing


class Rule(Balancing):
    """Without `learning_rate`, p shares the network's, at which it moves little: the tasks weigh about 1 to 1."""

    def __init__(self, tasks: list[str], **options):
        super().__init__(tasks, **options)
        self.scale = nn.Parameter(torch.ones(len(tasks)))

    def weighted_sum(self, losses: dict[str, Tensor]) -> Tensor:
        stacked = torch.stack([losses[task] for task in self.tasks])
        squared = self.scale**2
        return (0.5 / squared * stacked + torch.log(1 + squared)).sum()

    def weights(self) -> dict[str, float]:
        return dict(zip(self.tasks, (0.5 / self.scale.detach() ** 2).tolist(), strict=True))
