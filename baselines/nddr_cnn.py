"""NDDR-CNN: an encoder per task, whose features are joined and reduced again, for each task, after every stage.

Gao Y, Ma J, Zhao M, Liu W, Yuille AL. NDDR-CNN: layerwise feature fusing in multi-task CNNs by neural discriminative
dimensionality reduction. CVPR 2019. On the dilated ResNet of Vandenhende S et al., IEEE TPAMI 2021, whose code is
CC BY-NC 4.0; this file was written from the papers alone.
Faithful: 1x1 convolutions over all tasks' features after the stem and the four stages, diagonal at first (.9 within, .1
across), batch normalisation, ReLU; training that may begin from single-task networks (`initialise_from`), as the
paper's does. Adapted: the second task is classification, so its head pools.
"""

import torch
from torch import Tensor, cat, nn

from baselines.dilated_resnet import TASKS
from baselines.paired_encoders import PairedEncoders


class DimensionalityReduction(nn.Module):
    """For each task, all tasks' features concatenated and brought back to the channels of one."""

    def __init__(self, channels: int, within: float = 0.9, across: float = 0.1):
        super().__init__()
        self.reductions = nn.ModuleList(
            reduction(channels, [within if other == task else across for other in TASKS]) for task in TASKS
        )

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        joined = cat(features, dim=1)
        return [reduction(joined) for reduction in self.reductions]


def reduction(channels: int, shares: list[float]) -> nn.Sequential:
    """Of as many features of `channels` as there are `shares`, the sum in these shares; normalisation and ReLU."""
    convolution = nn.Conv2d(len(shares) * channels, channels, 1, bias=False)
    diagonals = cat([share * torch.eye(channels) for share in shares], dim=1)
    convolution.weight.data.copy_(diagonals[:, :, None, None])
    return nn.Sequential(convolution, nn.BatchNorm2d(channels, momentum=0.05), nn.ReLU(inplace=True))


class NDDRCNN(PairedEncoders):
    citation = "Gao Y et al. NDDR-CNN: layerwise feature fusing in multi-task CNNs. CVPR 2019."
    licence = "CC BY-NC 4.0 (reference; not used here)"
    fidelity = "adapted: pooled head for the classification task"
    expected_parameters = 28_489_603
    fused = ("stem", "layer1", "layer2", "layer3", "layer4")

    def fusion(self, channels: int) -> nn.Module:
        return DimensionalityReduction(channels)
