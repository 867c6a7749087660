"""MTAN: one shared encoder, from which each task picks features by attention of its own, stage after stage.

Liu S, Johns E, Davison AJ. End-to-end multi-task learning with attention. CVPR 2019. On the dilated ResNet of
Vandenhende S et al., IEEE TPAMI 2021, whose code is CC BY-NC 4.0; this file was written from the papers alone.
Faithful: masks from the stage before its last block and the task's attended feature before; refinement shared by the
tasks. Adapted: the second task is classification, so its head pools.
"""

from itertools import pairwise
from typing import cast

from torch import Tensor, cat, nn
from torchvision.models.resnet import Bottleneck

from baselines.convolutions import attention_weights, convolution, projection
from baselines.dilated_resnet import TASKS, DilatedResNet, task_head


def attention(in_channels: int, channels: int) -> nn.Sequential:
    """A mask in (0, 1) for every channel and position: `(B, in_channels, h, w)` to `(B, channels, h, w)`."""
    inner = channels // 4
    return nn.Sequential(*convolution(in_channels, inner, kernel=1), *attention_weights(inner, channels))


def refinement(channels: int, next_channels: int, strided: bool) -> nn.Sequential:
    """A bottleneck block to the next stage's channels, and max-pooling where that stage halves height and width."""
    inner = next_channels // Bottleneck.expansion
    block = Bottleneck(channels, inner, downsample=projection(channels, next_channels))
    return nn.Sequential(block, nn.MaxPool2d(2)) if strided else nn.Sequential(block)


class MTAN(nn.Module):
    citation = "Liu S et al. End-to-end multi-task learning with attention. CVPR 2019."
    licence = "CC BY-NC 4.0 (reference; not used here)"
    fidelity = "adapted: pooled head for the classification task"
    expected_parameters = 16_926_435

    def __init__(self, classes: int = 2, encoder: str = "resnet18", encoder_weights: str = "none"):
        """Build on torchvision's ResNet `encoder`.

        Raises:
            UserError: the encoder's weights cannot be had.
        """
        super().__init__()
        self.encoder = DilatedResNet(encoder, encoder_weights)
        widths = self.encoder.widths
        self.attentions = nn.ModuleDict(
            {task: nn.ModuleList(attention(w if i == 0 else 2 * w, w) for i, w in enumerate(widths)) for task in TASKS}
        )
        # Of the dilated stages only the second is strided.
        self.refinements = nn.ModuleList(
            refinement(width, following, strided=i == 0) for i, (width, following) in enumerate(pairwise(widths))
        )
        self.segmentation_head, self.classification_head = (task_head(task, widths[-1], classes) for task in TASKS)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, dict]:
        """Map images `(B, 3, H, W)` to mask logits `(B, 1, H, W)` and class logits `(B, classes)`."""
        shared = self.encoder.stem(images)
        refined: dict[str, Tensor] = {}
        attended: dict[str, Tensor] = {}
        for i, stage in enumerate((self.encoder.layer1, self.encoder.layer2, self.encoder.layer3, self.encoder.layer4)):
            before = stage[:-1](shared)
            shared = stage[-1](before)
            for task in TASKS:
                seen = before if i == 0 else cat([before, refined[task]], dim=1)
                attended[task] = cast(nn.ModuleList, self.attentions[task])[i](seen) * shared
                if i < len(self.refinements):
                    refined[task] = self.refinements[i](attended[task])
        mask = self.segmentation_head(attended["segmentation"], images.shape[-2:])
        return mask, self.classification_head(attended["classification"]), {}
