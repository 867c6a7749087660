"""CMUNeXt: a small U-Net of large depthwise kernels.

Citation: Tang F, Ding J, Quan Q, Wang L, Ning C, Zhou SK. CMUNeXt: an efficient medical image segmentation network
based on large kernel and skip fusion. ISBI 2024 (arXiv 2308.01239).
Licence of the reference: MIT (FengheTan9/CMUNeXt); written from its description.
Faithful: widths, depths and kernels of the reference's standard size, grouped skip fusion, the loss
(`dice_cross_entropy.py`).
"""

from torch import Tensor, nn

from baselines.convolutions import convolution
from baselines.dice_cross_entropy import dice_and_half_cross_entropy
from baselines.u_shape import UShapedSegmenter

WIDTHS = (16, 32, 128, 160, 256)
DEPTHS = (1, 1, 1, 3, 1)
KERNELS = (3, 3, 7, 7, 7)


def activated(layer: nn.Conv2d) -> nn.Sequential:
    """A convolution, then GELU, then batch normalisation, in the order of ConvMixer."""
    return nn.Sequential(layer, nn.GELU(), nn.BatchNorm2d(layer.out_channels))


def inverted_bottleneck(channels: int, inner: int, width: int) -> nn.Sequential:
    return nn.Sequential(activated(nn.Conv2d(channels, inner, 1)), activated(nn.Conv2d(inner, width, 1)))


class LargeKernelBlock(nn.Module):
    """A residual depthwise convolution, then an inverted bottleneck of four times the width."""

    def __init__(self, width: int, kernel: int):
        super().__init__()
        self.places = activated(nn.Conv2d(width, width, kernel, padding=kernel // 2, groups=width))
        self.channels = inverted_bottleneck(width, 4 * width, width)

    def forward(self, features: Tensor) -> Tensor:
        return self.channels(features + self.places(features))


def skip_fusion(width: int) -> nn.Sequential:
    """The skip and the upsampled feature, concatenated (2 `width`), each convolved apart, then mixed into `width`."""
    apart = activated(nn.Conv2d(2 * width, 2 * width, 3, padding=1, groups=2))
    return nn.Sequential(apart, inverted_bottleneck(2 * width, 4 * width, width))


class CMUNeXt(UShapedSegmenter):
    """Segmentation alone."""

    citation = "Tang F et al. CMUNeXt: an efficient medical image segmentation network. ISBI 2024."
    licence = "MIT"
    fidelity = "faithful"
    expected_parameters = 3_150_000

    def __init__(self, classes: int = 2):
        stem = convolution(3, WIDTHS[0])
        first, *deeper = (
            nn.Sequential(*(LargeKernelBlock(channels, kernel) for _ in range(depth)), convolution(channels, width))
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
