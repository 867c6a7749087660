"""U-Net, for segmentation alone.

Ronneberger O, Fischer P, Brox T. U-Net: convolutional networks for biomedical image segmentation. MICCAI 2015.
The reference's code (Caffe) was not used. Faithful: five levels of 64 to 1024 channels, two 3x3 convolutions each,
2x2 max-pooling, 2x2 transposed convolutions, concatenated skips. Adapted, as is usual today: padded convolutions, so
that mask and image have one size, and batch normalisation after each.
"""

import torch
from torch import Tensor, nn


class UNet(nn.Module):
    citation = "Ronneberger O et al. U-Net: convolutional networks for biomedical image segmentation. MICCAI 2015."
    licence = "none stated"
    fidelity = "adapted: padded convolutions, batch normalisation"
    expected_parameters = 31_043_521

    def __init__(self, classes: int = 2, widths: tuple[int, ...] = (64, 128, 256, 512, 1024)):
        """`classes` is part of every network's constructor; there is no classifier here. `widths`: of the levels."""
        super().__init__()
        self.encoder = nn.ModuleList(
            two_convolutions(before, width) for before, width in zip((3, *widths), widths, strict=False)
        )
        self.pool = nn.MaxPool2d(2)
        steps = list(zip(widths[:0:-1], widths[-2::-1], strict=True))  # (1024, 512), ..., (128, 64)
        self.enlarge = nn.ModuleList(nn.ConvTranspose2d(deep, width, 2, stride=2) for deep, width in steps)
        self.decoder = nn.ModuleList(two_convolutions(2 * width, width) for _, width in steps)
        self.output = nn.Conv2d(widths[0], 1, 1)

    def forward(self, images: Tensor) -> tuple[Tensor, None, dict]:
        """Map images `(B, 3, H, W)`, H and W divisible by 16, to mask logits `(B, 1, H, W)`."""
        features = [self.encoder[0](images)]
        for convolutions in self.encoder[1:]:
            features.append(convolutions(self.pool(features[-1])))
        decoded = features.pop()
        for enlarge, convolutions in zip(self.enlarge, self.decoder, strict=True):
            decoded = convolutions(torch.cat([features.pop(), enlarge(decoded)], dim=1))
        return self.output(decoded), None, {}


def two_convolutions(in_channels: int, out_channels: int) -> nn.Sequential:
    """Twice 3x3 convolution, batch norm, ReLU."""
    layers = []
    for channels in (in_channels, out_channels):
        layers += [nn.Conv2d(channels, out_channels, 3, padding=1), nn.BatchNorm2d(out_channels), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)
