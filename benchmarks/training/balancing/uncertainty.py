"""Uncertainty weighting: sum of 1/2 exp(-s) L + 1/2 s, with s the learned logarithm of each task's variance.

Kendall A, Gal Y, Cipolla R. Multi-task learning using uncertainty to weigh losses for scene geometry and semantics.
CVPR 2018. The paper has 1/2 exp(-s) for a regression and exp(-s) for a classification; this is the form with 1/2 for
every task, which is the common one.
"""

import torch
from torch import Tensor

from benchmarks.training.balancing._scales import LogarithmicScales


class Rule(LogarithmicScales):
    """Left alone, a task's weight settles at 1 / (2 L)."""

    def weight(self) -> Tensor:
        return 0.5 * torch.exp(-self.scale)

    def penalty(self) -> Tensor:
        return 0.5 * self.scale
