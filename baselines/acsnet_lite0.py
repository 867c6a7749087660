"""ACSNet on EfficientNet-Lite0, whose ImageNet weights come from a package.

Citation and licence: `acsnet/network.py`, and `baselines/lite0_weights.py` for the encoder. Faithful: gates, decoder,
deformable spatial attention and classifier, unchanged. Adapted: the encoder; a 1x1 convolution with batch normalisation
and ReLU brings each of its five features (16, 24, 40, 112 and 320 channels) to the width of ResNet-18's, because the
group normalisation of ACSNet's blocks does not divide widths such as 24 and 40.
It measures what pretraining is worth to ACSNet where only a package index can be reached.
"""

import timm
from torch import Tensor, nn

from acsnet import ACSNet
from baselines.convolutions import convolution
from baselines.encoder_weights import with_encoder_weights
from baselines.lite0_weights import ARCHITECTURE, load_imagenet

WIDTHS = (64, 64, 128, 256, 512)  # that ACSNet expects at strides 2 to 32


class ACSNetLite0(ACSNet):
    fidelity = "adapted: EfficientNet-Lite0 as encoder, its features projected to ResNet-18's widths"
    expected_parameters = 23_810_545

    def __init__(self, classes: int = 2, encoder_weights: str = "none"):
        """Build the network; `encoder_weights`: `"none"`, `"imagenet"` or the path of the encoder's state dict.

        Raises:
            UserError: the encoder's weights cannot be had.
        """
        super().__init__(classes)
        self.encoder = ProjectedEncoder(encoder_weights)


class ProjectedEncoder(nn.Module):
    """EfficientNet-Lite0's features at strides 2 to 32, with ACSNet's number of channels."""

    def __init__(self, encoder_weights: str):
        super().__init__()
        self.encoder = with_encoder_weights(features, encoder_weights)
        own = self.encoder.feature_info.channels()
        self.projections = nn.ModuleList(convolution(c, w, kernel=1) for c, w in zip(own, WIDTHS, strict=True))

    def forward(self, images: Tensor) -> list[Tensor]:
        """Map images `(B, 3, H, W)` to five features."""
        return [project(f) for project, f in zip(self.projections, self.encoder(images), strict=True)]


def features(pretrained: bool) -> nn.Module:
    encoder = timm.create_model(ARCHITECTURE, features_only=True)
    return load_imagenet(encoder) if pretrained else encoder
