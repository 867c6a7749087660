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
from typing import cast

import timm
from timm.models import FeatureInfo
from torch import nn

from acsnet import ACSNet
from acsnet.attention import DeformableSpatialAttention
from acsnet.classifier import MultiScaleClassifier
from acsnet.gate import Gate
from acsnet.network import DecoderStage, last_convolutions, mask_output, two_convolutions, up
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
        widths = cast(FeatureInfo, self.encoder.feature_info).channels()
        for name, block in blocks(widths, classes).items():
            setattr(self, name, block)


def blocks(widths: Sequence[int], classes: int) -> dict[str, nn.Module]:
    """All of ACSNet but its encoder, by its names, for an encoder of five features; each stage gives twice its skip."""
    layer0, layer1, layer2, layer3, layer4 = widths
    built = {
        "gate": gate(layer4),
        "stage1": stage(layer4, layer3, DeformableSpatialAttention(2 * layer3)),
        "stage2": stage(2 * layer3, layer2, DeformableSpatialAttention(2 * layer2)),
        "stage3": stage(2 * layer2, layer1, nn.Identity()),
        "stage4": stage(2 * layer1, layer0, nn.Identity()),
        "mask_output": mask_output(2 * layer0),
        "classifier": MultiScaleClassifier(classes, widths=(layer3, layer4, 2 * layer3)),
    }
    # Drawn after all else and in the place of two others: published results begin from random weights in this order.
    built["stage4"].convolutions = last_convolutions(2 * layer0)
    return built


def stage(deeper: int, skip: int, attention: nn.Module) -> DecoderStage:
    return DecoderStage(gate(skip), up(deeper, skip), two_convolutions(2 * skip), attention)


def gate(channels: int) -> Gate:
    """A gate for any width: at most a group for each 16 channels, and as many as divide the hidden layer."""
    return Gate(channels, hidden_groups=math.gcd(channels // 16, channels // 8))


def features(pretrained: bool) -> nn.Module:
    encoder = timm.create_model(ARCHITECTURE, features_only=True)
    return load_imagenet(encoder) if pretrained else encoder
