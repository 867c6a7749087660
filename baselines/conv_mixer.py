"""ConvMixer's layer, which CMU-Net stacks at its bottleneck and CMUNeXt makes its blocks of.

Trockman A, Kolter JZ. Patches are all you need? TMLR 2023.
"""

from collections.abc import Callable

from torch import Tensor, nn


def activated(layer: nn.Conv2d) -> nn.Sequential:
    """A convolution, then GELU, then batch normalisation, in the paper's order."""
    return nn.Sequential(layer, nn.GELU(), nn.BatchNorm2d(layer.out_channels))


def pointwise(width: int) -> nn.Sequential:
    return activated(nn.Conv2d(width, width, 1))


class ConvMixer(nn.Module):
    """A residual depthwise convolution that mixes places, then a block that mixes channels, `(B, width, h, w)`."""

    def __init__(self, width: int, kernel: int = 7, channels: Callable[[int], nn.Module] = pointwise):
        """`channels` makes the second block for a width: the paper's is a 1x1 convolution."""
        super().__init__()
        self.places = activated(nn.Conv2d(width, width, kernel, padding=kernel // 2, groups=width))
        self.channels = channels(width)

    def forward(self, features: Tensor) -> Tensor:
        return self.channels(features + self.places(features))
