"""The two attentions: deformable spatial attention in the decoder, channel attention in the classifier."""

import torch
from torch import Tensor, nn

from acsnet.deformable_convolution import deformable_convolution


class DeformableSpatialAttention(nn.Module):
    """Two spatial attention maps (from the mean and from the maximum over channels) between deformable convolutions."""

    def __init__(self, channels: int, deformable: str = "auto"):
        """`deformable`: see `acsnet/deformable_convolution.py`."""
        super().__init__()
        self.gather = normalised_deformable_convolution(channels, channels, deformable)
        self.attend_mean = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.Sigmoid())
        self.attend_maximum = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.Sigmoid())
        self.merge = normalised_deformable_convolution(2 * channels, channels, deformable)

    def forward(self, feature: Tensor) -> Tensor:
        """Map `(B, channels, H, W)` to the same shape; there is no residual connection."""
        gathered = self.gather(feature)
        by_mean = gathered * self.attend_mean(gathered.mean(dim=1, keepdim=True))
        by_maximum = gathered * self.attend_maximum(gathered.amax(dim=1, keepdim=True))
        return self.merge(torch.cat([by_mean, by_maximum], dim=1))


def normalised_deformable_convolution(in_channels: int, out_channels: int, deformable: str) -> nn.Sequential:
    return nn.Sequential(
        deformable_convolution(in_channels, out_channels, deformable),
        nn.GroupNorm(out_channels // 4, out_channels),
        nn.ReLU(inplace=True),
    )


class ChannelAttention(nn.Module):
    """Weigh each channel by a small network of all channels' means and maxima."""

    def __init__(self, channels: int):
        super().__init__()
        self.weights = nn.Sequential(
            nn.Linear(2 * channels, channels // 16),
            nn.ReLU(inplace=True),
            nn.Linear(channels // 16, channels),
            nn.Sigmoid(),
        )

    def forward(self, feature: Tensor) -> Tensor:
        """Map `(B, channels, H, W)` to the same shape."""
        pooled = torch.cat([feature.mean(dim=(2, 3)), feature.amax(dim=(2, 3))], dim=1)
        return torch.relu(feature * self.weights(pooled)[:, :, None, None])
