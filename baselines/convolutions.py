"""The pieces that networks of convolutions are made of."""

from torch import nn


def normalised(channels: int, width: int, kernel: int = 3, dilation: int = 1) -> nn.Sequential:
    """A convolution that keeps height and width, and batch normalisation."""
    padding = dilation * (kernel // 2)
    return nn.Sequential(nn.Conv2d(channels, width, kernel, padding=padding, dilation=dilation), nn.BatchNorm2d(width))


def convolution(channels: int, width: int, kernel: int = 3, dilation: int = 1) -> nn.Sequential:
    """A convolution that keeps height and width, batch normalisation, ReLU."""
    return nn.Sequential(*normalised(channels, width, kernel, dilation), nn.ReLU(inplace=True))


def double_convolution(channels: int, width: int) -> nn.Sequential:
    """Two 3x3 convolutions, each with batch normalisation and ReLU."""
    return nn.Sequential(convolution(channels, width), convolution(width, width))


def up_convolution(channels: int, width: int) -> nn.Sequential:
    """Twice the height and width by repetition, then a 3x3 convolution with batch normalisation and ReLU."""
    return nn.Sequential(nn.Upsample(scale_factor=2), convolution(channels, width))


def attention_weights(channels: int, width: int) -> nn.Sequential:
    """Weights in (0, 1): `(B, channels, h, w)` to `(B, width, h, w)` by a normalised 1x1 convolution, sigmoid."""
    return nn.Sequential(*normalised(channels, width, kernel=1), nn.Sigmoid())


def projection(channels: int, width: int) -> nn.Sequential:
    """The shortcut of a residual block that changes channels: 1x1 convolution without bias, batch normalisation."""
    return nn.Sequential(nn.Conv2d(channels, width, 1, bias=False), nn.BatchNorm2d(width))


def normalise_as_keras(network: nn.Module, epsilon: float = 1e-3) -> None:
    """Give batch normalisation Keras's defaults: its epsilon, running statistics that keep .99 of themselves."""
    for layer in network.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.eps, layer.momentum = epsilon, 0.01
