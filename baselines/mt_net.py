"""MT_Net: a U-Net of six levels whose fifth is classified through a spatial pyramid.

Citation: Chen C, Bai W, Rueckert D. Multi-task learning for left atrial segmentation on GE-MRI. STACOM 2018
(arXiv 1810.13205). It is the network that ACSNet's released training script imports as its multi-task baseline.
Licence of the reference: MIT (cherise215/atria_segmentation_2018).
Faithful: widths 64 to 512, bilinear upsampling, pyramid bins 4, 2, 1 and the two linear layers without an activation
between them. Not as there: three (equal) input channels for one. (He's initialisation stands in the released script in
a branch that is never reached.)
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.convolutions import double_convolution
from baselines.u_shape import ascend, descend, falling_levels

WIDTHS = (64, 128, 256, 512, 512, 512)
DECODER_WIDTHS = (512, 256, 128, 64, 64)


class MTNet(nn.Module):
    """Segmentation, and classification of the features at 1/16."""

    citation = "Chen C, Bai W, Rueckert D. Multi-task learning for left atrial segmentation on GE-MRI. STACOM 2018."
    licence = "MIT"
    fidelity = "faithful"
    expected_parameters = 30_700_000

    def __init__(self, classes: int = 2, bins: tuple[int, ...] = (4, 2, 1)):
        """Build the network.

        Args:
            classes: of the classification.
            bins: cells per side of each level of the pyramid; the reference also uses (8, 4, 1).
        """
        super().__init__()
        self.bins = bins
        self.encoder = nn.ModuleList(falling_levels(double_convolution, WIDTHS))
        joined = (below + skip for below, skip in zip((WIDTHS[-1], *DECODER_WIDTHS), WIDTHS[-2::-1], strict=False))
        self.upsamplings = nn.ModuleList(nn.UpsamplingBilinear2d(scale_factor=2) for _ in DECODER_WIDTHS)
        self.decoder = nn.ModuleList(map(double_convolution, joined, DECODER_WIDTHS))
        self.segmentation_head = nn.Conv2d(DECODER_WIDTHS[-1], 1, 1)
        pooled = WIDTHS[-2] * sum(side**2 for side in bins)
        self.classification_head = nn.Sequential(nn.Linear(pooled, 512), nn.Linear(512, classes))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, dict]:
        """Map images `(B, 3, H, W)` to mask logits `(B, 1, H, W)` and class logits `(B, classes)`."""
        *skips, deepest = descend(self.encoder, images)
        class_logits = self.classification_head(spatial_pyramid(skips[-1], self.bins))
        return self.segmentation_head(ascend(deepest, skips, self.upsamplings, self.decoder)), class_logits, {}


def spatial_pyramid(features: Tensor, bins: tuple[int, ...]) -> Tensor:
    """Maxima of features `(B, C, H, W)` over each cell of the pyramid's grids, `(B, C * sum of bins squared)`.

    He K, Zhang X, Ren S, Sun J. Spatial pyramid pooling in deep convolutional networks. ECCV 2014.
    """
    return torch.cat([functional.adaptive_max_pool2d(features, side).flatten(1) for side in bins], dim=1)
