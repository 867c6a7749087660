"""Cross-stitch network: an encoder per task, whose features mix by learned weights after every stage.

Misra I, Shrivastava A, Gupta A, Hebert M. Cross-stitch networks for multi-task learning. CVPR 2016. On the dilated
ResNet of Vandenhende S et al., IEEE TPAMI 2021, whose code is CC BY-NC 4.0; this file was written from the papers
alone. Faithful: a weight per channel and pair of tasks after each of the four stages, .9 within and .1 across at first;
training that may begin from single-task networks (`initialise_from`), as the paper's does. Adapted: the second task is
classification, so its head pools.
"""

import torch
from torch import Tensor, nn

from baselines.dilated_resnet import TASKS
from baselines.paired_encoders import PairedEncoders


class CrossStitchUnit(nn.Module):
    """Each task's feature becomes a weighted sum of all tasks' features, channel by channel."""

    def __init__(self, channels: int, within: float = 0.9, across: float = 0.1):
        super().__init__()
        weights = torch.full((len(TASKS), len(TASKS)), across).fill_diagonal_(within)
        self.weights = nn.Parameter(weights[:, :, None].repeat(1, 1, channels))

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        return [sum(w[:, None, None] * x for w, x in zip(row, features, strict=True)) for row in self.weights]


class CrossStitch(PairedEncoders):
    citation = "Misra I et al. Cross-stitch networks for multi-task learning. CVPR 2016."
    licence = "CC BY-NC 4.0 (reference; not used here)"
    fidelity = "adapted: pooled head for the classification task"
    expected_parameters = 27_080_323
    fused = ("layer1", "layer2", "layer3", "layer4")

    def fusion(self, channels: int) -> nn.Module:
        return CrossStitchUnit(channels)
