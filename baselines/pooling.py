"""From feature maps to one vector per image, and on to its class."""

from torch import Tensor, nn


def pooled_linear(channels: int, classes: int, dropout: float) -> nn.Sequential:
    """Features `(B, channels, h, w)`, averaged over places, to class logits `(B, classes)` by a linear layer."""
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout), nn.Linear(channels, classes))


def pooled_perceptron(channels: int, hidden: int, classes: int) -> nn.Sequential:
    """Features `(B, channels, h, w)`, averaged over places, to class logits `(B, classes)` through one hidden layer."""
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(channels, hidden),
        nn.ReLU(inplace=True),
        nn.Linear(hidden, classes),
    )


def weighted_average(features: Tensor, weights: Tensor, least: float = 1e-3) -> Tensor:
    """Mean of features `(B, C, h, w)` under weights `(B, 1, h, w)`; a region of no weight gives (near) zeros."""
    return (features * weights).sum((2, 3)) / (weights.sum((2, 3)) + least)
