"""The three pieces that networks of the U-Net family are made of."""

from torch import nn


def convolution(channels: int, width: int, kernel: int = 3, dilation: int = 1) -> nn.Sequential:
    """A convolution that keeps height and width, batch normalisation, ReLU."""
    padding = dilation * (kernel // 2)
    return nn.Sequential(
        nn.Conv2d(channels, width, kernel, padding=padding, dilation=dilation),
        nn.BatchNorm2d(width),
        nn.ReLU(inplace=True),
    )


def double_convolution(channels: int, width: int) -> nn.Sequential:
    """Two 3x3 convolutions, each with batch normalisation and ReLU."""
    return nn.Sequential(convolution(channels, width), convolution(width, width))


def up_convolution(channels: int, width: int) -> nn.Sequential:
    """Twice the height and width by repetition, then a 3x3 convolution with batch normalisation and ReLU."""
    return nn.Sequential(nn.Upsample(scale_factor=2), convolution(channels, width))
