"""The gate on each encoder feature: how much of it the decoder gets, decided image by image."""

import torch
from torch import Tensor, nn


class Gate(nn.Module):
    """Scale a feature by two learned scalars per image, then convolve it.

    A small convolutional branch gives two maps in (0, 1). The mean of the first and the maximum of the second weigh
    the feature. (Until March 2024 the released code averaged both.)
    """

    def __init__(self, channels: int, hidden_groups: int | None = None):
        """`hidden_groups`: of the branch's group normalisation; a group for each 16 channels if not given."""
        super().__init__()
        hidden = channels // 8
        self.maps = nn.Sequential(
            nn.Conv2d(channels, hidden, 3, padding=1),
            nn.GroupNorm(hidden_groups or channels // 16, hidden),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, 2, 3, padding=1),
            nn.Sigmoid(),
        )
        self.output = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.GroupNorm(channels // 4, channels),
            nn.ReLU(inplace=True),
        )

    def forward(self, feature: Tensor) -> Tensor:
        """Map `(B, channels, H, W)` to the same shape."""
        average, maximum = self.maps(feature).unbind(dim=1)
        scale = average.mean(dim=(1, 2)) + torch.amax(maximum, dim=(1, 2))
        return self.output(scale[:, None, None, None] * feature)
