"""Random loss weighting: K softmax of a standard normal draw over the K tasks, drawn anew at each step.

Lin B, Ye F, Zhang Y, Tsang IW. Reasonable effectiveness of random weighting: a litmus test for multi-task learning.
TMLR 2022. Algorithm 1 has weights of sum 1; here their sum is K, as that of fixed weights is.
"""

import torch
from torch import Tensor

from benchmarks.training.balancing import Balancing


class Rule(Balancing):
    """Drawn on the CPU from torch's global generator, which is seeded at each epoch: alike on every device.

    With one task the weight is 1.
    """

    def __init__(self, tasks: list[str]):
        super().__init__(tasks)
        self.latest = torch.ones(len(tasks))

    def weighted_sum(self, losses: dict[str, Tensor]) -> Tensor:
        self.latest = len(self.tasks) * torch.softmax(torch.randn(len(self.tasks)), 0)
        stacked = torch.stack([losses[task] for task in self.tasks])
        return (self.latest.to(stacked) * stacked).sum()

    def weights(self) -> dict[str, float]:
        """Those of the latest step."""
        return dict(zip(self.tasks, self.latest.tolist(), strict=True))
