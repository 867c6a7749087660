"""AAU-net: a U-Net whose blocks choose between kernels by channel and between scales by place.

Citation: Chen G, Li L, Dai Y, Zhang J, Yap MH. AAU-net: an adaptive attention U-net for breast lesions segmentation in
ultrasound images. IEEE TMI 2023;42:1289-1300.
Licence of the reference: none (CGPxy/AAU-net); built from a description of its block.
Faithful: the hybrid adaptive attention block, with Keras's batch normalisation (epsilon .001, running statistics that
keep .99 of themselves); upsampling without a convolution, by repetition. Adapted: the public code is that block alone
and one sentence ("replacing the original convolution layer in U-net"), so one block per level, 32 channels at the first
and the U-Net around them are taken. Its augmentation of images on disk (rotation, flip, gamma, blur, noise, elastic
deformation) is called by no file of the repository and not used here.
"""

import torch
from torch import Tensor, nn

from baselines.convolutions import convolution, normalise_as_keras, normalised
from baselines.u_shape import UShapedSegmenter, falling_levels

WIDTHS = (32, 64, 128, 256, 512)


class HybridAttention(nn.Module):
    """Adaptive attention over channels, then over places; both weigh one view by w and another by 1 - w."""

    def __init__(self, channels: int, width: int, kernel: int = 3):
        super().__init__()
        self.dilated = convolution(channels, width, dilation=3)
        self.large = convolution(channels, width, kernel=5)
        self.channel_weights = nn.Sequential(
            nn.Linear(2 * width, width),
            nn.BatchNorm1d(width),
            nn.ReLU(inplace=True),
            nn.Linear(width, width),
            nn.Sigmoid(),
        )
        self.join_channels = convolution(2 * width, width, kernel=1)
        self.places = nn.Sequential(convolution(channels, width), convolution(width, width, kernel=1))
        self.place_weights = nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(width, 1, 1), nn.Sigmoid())
        self.join_places = normalised(2 * width, width, kernel)
        normalise_as_keras(self)

    def forward(self, features: Tensor) -> Tensor:
        dilated, large = self.dilated(features), self.large(features)
        by_channel = self.channel_weights(torch.cat([dilated, large], dim=1).mean((2, 3)))[..., None, None]
        channels = self.join_channels(torch.cat([by_channel * dilated, (1 - by_channel) * large], dim=1))
        places = self.places(features)
        by_place = self.place_weights(channels + places)
        return self.join_places(torch.cat([by_place * channels, (1 - by_place) * places], dim=1))


class AAUNet(UShapedSegmenter):
    """Segmentation alone."""

    citation = "Chen G et al. AAU-net: an adaptive attention U-net for breast lesions segmentation. IEEE TMI 2023."
    licence = "none"
    fidelity = "adapted: one attention block per level, 32 channels at the first"
    expected_parameters = 29_220_000

    def __init__(self, classes: int = 2):
        below, at = WIDTHS[:0:-1], WIDTHS[-2::-1]
        super().__init__(
            width=WIDTHS[0],
            encoder=falling_levels(HybridAttention, WIDTHS),
            upsamplings=[nn.Upsample(scale_factor=2) for _ in at],
            decoder=[HybridAttention(deep + width, width) for deep, width in zip(below, at, strict=True)],
        )
