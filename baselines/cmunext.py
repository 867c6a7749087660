"""CMUNeXt: a small U-Net of large depthwise kernels.

Citation: Tang F, Ding J, Quan Q, Wang L, Ning C, Zhou SK. CMUNeXt: an efficient medical image segmentation network
based on large kernel and skip fusion. ISBI 2024 (arXiv 2308.01239).
Licence of the reference: MIT (FengheTan9/CMUNeXt); written from its description.
Faithful: widths, depths and kernels of the reference's standard size, grouped skip fusion, the loss
(`dice_cross_entropy.py`).
"""

from torch import Tensor, nn

from baselines.conv_mixer import ConvMixer, activated
from baselines.convolutions import convolution
from baselines.dice_cross_entropy import dice_and_half_cross_entropy
from baselines.u_shape import UShapedSegmenter

WIDTHS = (16, 32, 128, 160, 256)
DEPTHS = (1, 1, 1, 3, 1)
KERNELS = (3, 3, 7, 7, 7)


def inverted_bottleneck(channels: int, width: int) -> nn.Sequential:
    """1x1 convolutions by way of four times the width."""
    inner = 4 * width
    return nn.Sequential(activated(nn.Conv2d(channels, inner, 1)), activated(nn.Conv2d(inner, width, 1)))


def large_kernel_block(width: int, kernel: int) -> ConvMixer:
    """ConvMixer's layer with an inverted bottleneck to mix channels."""
    return ConvMixer(width, kernel, channels=lambda width: inverted_bottleneck(width, width))


def skip_fusion(width: int) -> nn.Sequential:
    """The skip and the upsampled feature, concatenated (2 `width`), each convolved apart, then mixed into `width`."""
    apart = activated(nn.Conv2d(2 * width, 2 * width, 3, padding=1, groups=2))
    return nn.Sequential(apart, inverted_bottleneck(2 * width, width))


class CMUNeXt(UShapedSegmenter):
    """Segmentation alone."""

    citation = "Tang F et al. CMUNeXt: an efficient medical image segmentation network. ISBI 2024."
    licence = "MIT"
    fidelity = "faithful"
    expected_parameters = 3_150_000

    def __init__(self, classes: int = 2):
        stem = convolution(3, WIDTHS[0])
        first, *deeper = (
            nn.Sequential(*(large_kernel_block(channels, kernel) for _ in range(depth)), convolution(channels, width))
            for channels, width, depth, kernel in zip((WIDTHS[0], *WIDTHS), WIDTHS, DEPTHS, KERNELS, strict=False)
        )
        below, at = WIDTHS[:0:-1], WIDTHS[-2::-1]
        super().__init__(
            width=WIDTHS[0],
            encoder=[nn.Sequential(stem, first), *deeper],
            upsamplings=[
                nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), convolution(channels, width))
                for channels, width in zip(below, at, strict=True)
            ],
            decoder=list(map(skip_fusion, at)),
        )

    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Soft Dice and half the cross-entropy."""
        return {"segmentation": dice_and_half_cross_entropy(self(images)[0], masks)}
