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

from baselines.convolutions import double_convolution, up_convolution
from baselines.dice_cross_entropy import dice_and_half_cross_entropy
from baselines.u_shape import UShapedSegmenter

WIDTHS = (64, 128, 256, 512, 1024)
MIXERS = 7


class ConvMixer(nn.Module):
    """A residual depthwise convolution that mixes places, then a 1x1 convolution that mixes channels.

    Trockman A, Kolter JZ. Patches are all you need? TMLR 2023.
    """

    def __init__(self, width: int, kernel: int = 7):
        super().__init__()
        self.places = nn.Sequential(
            nn.Conv2d(width, width, kernel, padding=kernel // 2, groups=width), nn.GELU(), nn.BatchNorm2d(width)
        )
        self.channels = nn.Sequential(nn.Conv2d(width, width, 1), nn.GELU(), nn.BatchNorm2d(width))

    def forward(self, features: Tensor) -> Tensor:
        return self.channels(features + self.places(features))


class MultiScaleAttentionGate(nn.Module):
    """`skip + skip * w`, the weights `w` from three views of the skip: 1x1, 3x3, and 3x3 dilated by 2."""

    def __init__(self, width: int):
        super().__init__()
        self.views = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(width, width, kernel, padding=dilation * (kernel // 2), dilation=dilation),
                nn.BatchNorm2d(width),
            )
            for kernel, dilation in ((1, 1), (3, 1), (3, 2))
        )
        self.vote = nn.Sequential(nn.Conv2d(3 * width, width, 1), nn.BatchNorm2d(width), nn.Sigmoid())

    def forward(self, skip: Tensor, risen: Tensor) -> Tensor:
        """The gated skip; the decoder's features `risen` have no say."""
        views = functional.relu(torch.cat([view(skip) for view in self.views], dim=1))
        return skip + skip * self.vote(views)


class CMUNet(UShapedSegmenter):
    """Segmentation alone."""

    citation = "Tang F et al. CMU-Net: a strong ConvMixer-based medical ultrasound segmentation network. ISBI 2023."
    licence = "MIT"
    fidelity = "faithful"
    expected_parameters = 49_930_000

    def __init__(self, classes: int = 2):
        below, at = WIDTHS[:0:-1], WIDTHS[-2::-1]
        super().__init__(
            width=WIDTHS[0],
            encoder=list(map(double_convolution, (3, *WIDTHS[:-1]), WIDTHS)),
            bottleneck=nn.Sequential(*(ConvMixer(WIDTHS[-1]) for _ in range(MIXERS))),
            upsamplings=list(map(up_convolution, below, at)),
            gates=list(map(MultiScaleAttentionGate, at)),
            decoder=[double_convolution(2 * width, width) for width in at],
        )

    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Soft Dice and half the cross-entropy."""
        return {"segmentation": dice_and_half_cross_entropy(self(images)[0], masks)}
