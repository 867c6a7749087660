"""MTI-Net: tasks predict and exchange what they know at every scale, from coarse to fine.

Vandenhende S, Georgoulis S, Van Gool L. MTI-Net: multi-scale task interaction networks for multi-task learning. ECCV
2020. Its code is CC BY-NC 4.0; this file was written from the paper alone, and its maps were then compared with that
code's: equal, weight for weight.
Faithful: initial predictions with losses of their own at four scales, feature propagation from each scale to the next
finer one, distillation at every scale, aggregation over scales, bilinear upsampling and the momentum of batch
normalisation in the trunk. Adapted: classification is a map of lesion classes
(`baselines/dense_tasks.py`).
"""

from typing import cast

from torch import Tensor, cat, nn
from torchvision.models.resnet import BasicBlock

from baselines.convolutions import projection
from baselines.dense_tasks import TASKS, DenseTaskNetwork, Distillation, HRNet, map_channels, resize, scale_fusion


def basic_block(channels: int, width: int) -> BasicBlock:
    """A residual block of two 3x3 convolutions."""
    shortcut = None if channels == width else projection(channels, width)
    return BasicBlock(channels, width, downsample=shortcut)


class SqueezeExcitation(nn.Module):
    """Channels weighed by a gate in (0, 1) computed from their averages (Hu et al., CVPR 2018)."""

    def __init__(self, channels: int, reduction: int = 16):
        super().__init__()
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, channels // reduction, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels // reduction, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, features: Tensor) -> Tensor:
        return features * self.gate(features)


class FeaturePropagation(nn.Module):
    """What one scale hands to the next finer one: each task's feature, and a share of what all tasks know together."""

    def __init__(self, channels: int):
        super().__init__()
        joined = len(TASKS) * channels
        self.attention = nn.Sequential(
            basic_block(joined, joined // 4), basic_block(joined // 4, joined // 4), nn.Conv2d(joined // 4, joined, 1)
        )
        self.reduction = basic_block(joined, channels)
        self.gates = nn.ModuleDict({task: SqueezeExcitation(channels) for task in TASKS})

    def forward(self, features: dict[str, Tensor]) -> dict[str, Tensor]:
        """Features of the same shape `(B, channels, h, w)` by task; the attention is a softmax over tasks."""
        joined = cat([features[task] for task in TASKS], dim=1)
        batch, _, height, width = joined.shape
        attention = self.attention(joined).view(batch, -1, len(TASKS), height, width).softmax(dim=2)
        shared = self.reduction(attention.reshape_as(joined) * joined)
        return {task: features[task] + self.gates[task](shared) for task in TASKS}


class MTINet(DenseTaskNetwork):
    citation = "Vandenhende S et al. MTI-Net: multi-scale task interaction networks for multi-task learning. ECCV 2020."
    licence = "CC BY-NC 4.0 (reference; not used here)"
    fidelity = "adapted: classification is a map of lesion classes, pooled over the predicted lesion"
    expected_parameters = 8_558_014

    def __init__(self, classes: int = 2, encoder_weights: str = "none"):
        """Raises UserError where the encoder's weights cannot be had."""
        super().__init__()
        widths, channels = HRNet.widths, map_channels(classes)
        handed = (*widths[1:], 0)  # channels that a scale is given by the next coarser one
        self.encoder = HRNet(encoder_weights)
        self.refinements = nn.ModuleDict(
            {
                task: nn.ModuleList(
                    nn.Sequential(basic_block(own + given, own), basic_block(own, own))
                    for own, given in zip(widths, handed, strict=True)
                )
                for task in TASKS
            }
        )
        self.initial = nn.ModuleDict(
            {task: nn.ModuleList(nn.Conv2d(width, channels[task], 1) for width in widths) for task in TASKS}
        )
        self.propagations = nn.ModuleList(FeaturePropagation(width) for width in widths[1:])
        self.distillations = nn.ModuleList(Distillation(width) for width in widths)
        self.heads = nn.ModuleDict(
            {
                task: nn.Sequential(*scale_fusion(sum(widths)), nn.Conv2d(sum(widths), channels[task], 1))
                for task in TASKS
            }
        )

    def maps(self, images: Tensor) -> tuple[dict[str, Tensor], list[dict[str, Tensor]]]:
        """The final maps at a quarter of the image's size, and the initial ones of each scale, coarsest first."""
        scales = self.encoder(images)
        distilled, initial = {task: [] for task in TASKS}, []
        propagated: dict[str, Tensor] = {}
        for i in reversed(range(len(scales))):
            features = {}
            for task in TASKS:
                given = [resize(propagated[task], scales[i].shape[-2:])] if propagated else []
                features[task] = cast(nn.ModuleList, self.refinements[task])[i](cat([scales[i], *given], dim=1))
            initial.append({task: cast(nn.ModuleList, self.initial[task])[i](features[task]) for task in TASKS})
            if i > 0:
                propagated = self.propagations[i - 1](features)
            for task, feature in self.distillations[i](features).items():
                distilled[task].insert(0, resize(feature, scales[0].shape[-2:]))
        return {task: self.heads[task](cat(distilled[task], dim=1)) for task in TASKS}, initial
