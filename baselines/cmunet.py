"""CMU-Net: a U-Net with ConvMixer layers at its bottleneck and multi-scale attention gates on its skips.

Citation: Tang F, Wang L, Ning C, Xian M, Ding J. CMU-Net: a strong ConvMixer-based medical ultrasound image
segmentation network. ISBI 2023 (arXiv 2210.13012).
Licence of the reference: MIT (FengheTan9/CMU-Net); written from its description.
Faithful: widths 64 to 1024, seven ConvMixer layers of kernel 7, gates of 1x1, 3x3 and dilated 3x3 branches, the loss
(`dice_cross_entropy.py`).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.conv_mixer import ConvMixer
from baselines.convolutions import attention_weights, double_convolution, normalised
from baselines.dice_cross_entropy import dice_and_half_cross_entropy
from baselines.u_shape import UShapedSegmenter, falling_levels, rising_levels

WIDTHS = (64, 128, 256, 512, 1024)
MIXERS = 7


class MultiScaleAttentionGate(nn.Module):
    """`skip + skip * w`, the weights `w` from three views of the skip: 1x1, 3x3, and 3x3 dilated by 2."""

    def __init__(self, width: int):
        super().__init__()
        self.views = nn.ModuleList(
            normalised(width, width, kernel, dilation) for kernel, dilation in ((1, 1), (3, 1), (3, 2))
        )
        self.vote = attention_weights(3 * width, width)

    def forward(self, skip: Tensor, risen: Tensor) -> Tensor:
        """The gated skip, `(B, width, h, w)`; what rises to it has no say."""
        views = functional.relu(torch.cat([view(skip) for view in self.views], dim=1))
        return skip + skip * self.vote(views)


class CMUNet(UShapedSegmenter):
    """Segmentation alone."""

    citation = "Tang F et al. CMU-Net: a strong ConvMixer-based medical ultrasound segmentation network. ISBI 2023."
    licence = "MIT"
    fidelity = "faithful"
    expected_parameters = 49_930_000

    def __init__(self, classes: int = 2):
        deepest, *at = reversed(WIDTHS)
        super().__init__(
            width=WIDTHS[0],
            encoder=falling_levels(double_convolution, WIDTHS),
            bottleneck=nn.Sequential(*(ConvMixer(deepest) for _ in range(MIXERS))),
            **rising_levels(deepest, skips=at, widths=at, gate=lambda skip, _: MultiScaleAttentionGate(skip)),
        )

    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Soft Dice and half the cross-entropy."""
        return {"segmentation": dice_and_half_cross_entropy(self(images)[0], masks)}
