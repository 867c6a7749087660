"""IMTL-L: sum of exp(s) L - s, with s learned so that every scaled loss is drawn to 1.

Liu L, Li Y, Kuang Z, Xue J-H, Chen Y, Yang W, Liao Q, Zhang W. Towards impartial multi-task learning. ICLR 2021.
"""

import torch
from torch import Tensor

from benchmarks.training.balancing._scales import LogarithmicScales


class Rule(LogarithmicScales):
    """Twice uncertainty weighting with the sign of s turned: left alone, a task's weight settles at 1 / L."""

    def weight(self) -> Tensor:
        return torch.exp(self.scale)

    def penalty(self) -> Tensor:
        return -self.scale
