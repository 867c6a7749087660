"""ACSNet on EfficientNet-Lite0, whose ImageNet weights come from a package.

Citation and licence: `acsnet/network.py`, and `baselines/lite0_weights.py` for the encoder. Faithful: the blocks (gate,
decoder, deformable spatial attention, classifier) and how they are joined. Adapted: the encoder, and the widths of all
blocks after it, each of which takes its encoder feature's (16, 24, 40, 112 and 320 channels at strides 2 to 32, where
ResNet-18 has 64, 64, 128, 256 and 512); in the gate of 40 channels, whose hidden layer has 5, one group in the group
normalisation instead of 2, which do not divide 5.
It measures what pretraining is worth to ACSNet where only a package index can be reached.
"""

import math
from collections.abc import Sequence

import timm
from torch import nn

from acsnet import ACSNet
from acsnet.attention import ChannelAttention, DeformableSpatialAttention
from acsnet.classifier import MultiScaleClassifier, pooled_perceptron
from acsnet.gate import Gate
from acsnet.network import DecoderStage, normalised_convolution, two_convolutions, up
from baselines.encoder_weights import with_encoder_weights
from baselines.lite0_weights import ARCHITECTURE, load_imagenet


class ACSNetLite0(ACSNet):
    fidelity = "adapted: EfficientNet-Lite0 as encoder, whose widths the gates, the decoder and the classifier take"
    expected_parameters = 7_277_858

    def __init__(self, classes: int = 2, encoder_weights: str = "none"):
        """Build the network; `encoder_weights`: `"none"`, `"imagenet"` or the path of the encoder's state dict.

        Raises:
            UserError: the encoder's weights cannot be had.
        """
        nn.Module.__init__(self)  # ACSNet's own builds the network at ResNet-18's widths
        self.encoder = with_encoder_weights(features, encoder_weights)
        for name, block in blocks(self.encoder.feature_info.channels(), classes).items():
            setattr(self, name, block)


def blocks(widths: Sequence[int], classes: int) -> dict[str, nn.Module]:
    """All of ACSNet but its encoder, by its names, for an encoder of five features; each stage gives twice its skip."""
    layer0, layer1, layer2, layer3, layer4 = widths
    fine = 2 * layer0
    built = {
        "gate": AnyWidthGate(layer4),
        "stage1": stage(layer4, layer3, DeformableSpatialAttention(2 * layer3)),
        "stage2": stage(2 * layer3, layer2, DeformableSpatialAttention(2 * layer2)),
        "stage3": stage(2 * layer2, layer1, nn.Identity()),
        "stage4": stage(2 * layer1, layer0, nn.Identity()),
        "mask_output": nn.Sequential(
            nn.UpsamplingBilinear2d(scale_factor=2), *normalised_convolution(fine), nn.Conv2d(fine, 1, 1)
        ),
        "classifier": AnyWidthClassifier((layer3, layer4, 2 * layer3), classes),
    }
    built["stage4"].convolutions = nn.Sequential(
        nn.Conv2d(fine, fine, 1), nn.ReLU(inplace=True), *normalised_convolution(fine)
    )
    return built


def stage(deeper: int, skip: int, attention: nn.Module) -> DecoderStage:
    return DecoderStage(AnyWidthGate(skip), up(deeper, skip), two_convolutions(2 * skip), attention)


class AnyWidthGate(Gate):
    """A gate whose first group normalisation has at most a group for each 16 channels, and as many as divide it."""

    def __init__(self, channels: int):
        nn.Module.__init__(self)
        hidden = channels // 8
        self.maps = nn.Sequential(
            nn.Conv2d(channels, hidden, 3, padding=1),
            nn.GroupNorm(math.gcd(channels // 16, hidden), hidden),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, 2, 3, padding=1),
            nn.Sigmoid(),
        )
        self.output = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.GroupNorm(channels // 4, channels),
            nn.ReLU(inplace=True),
        )


class AnyWidthClassifier(MultiScaleClassifier):
    """ACSNet's classifier for other widths of the three features that it reads."""

    def __init__(self, widths: tuple[int, int, int], classes: int):
        nn.Module.__init__(self)
        self.attend_layer3, self.attend_layer4, self.attend_decoder = map(ChannelAttention, widths)
        self.enlarge = nn.UpsamplingBilinear2d(scale_factor=2)
        self.output = pooled_perceptron(sum(widths), classes)


def features(pretrained: bool) -> nn.Module:
    encoder = timm.create_model(ARCHITECTURE, features_only=True)
    return load_imagenet(encoder) if pretrained else encoder
