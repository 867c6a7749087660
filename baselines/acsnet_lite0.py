"""ACSNet on EfficientNet-Lite0, whose ImageNet weights come from a package.

Citation and licence: `acsnet/network.py`, and `baselines/lite0_weights.py` for the encoder. Faithful: the blocks (gate,
decoder, deformable spatial attention, classifier) and how they are joined. Adapted: the encoder, and the widths of all
blocks after it, each of which takes its encoder feature's (16, 24, 40, 112 and 320 channels at strides 2 to 32, where
ResNet-18 has 64, 64, 128, 256 and 512); in the gate of 40 channels, whose hidden layer has 5, one group in the group
normalisation instead of 2, which do not divide 5.
It measures what pretraining is worth to ACSNet where only a package index can be reached.
"""

import math
from collections.abc import Callable, Sequence
from typing import Literal, cast

import timm
from timm.models import FeatureInfo
from torch import nn

from acsnet import ACSNet
from acsnet.attention import DeformableSpatialAttention
from acsnet.classifier import MultiScaleClassifier
from acsnet.gate import Gate
from acsnet.network import DecoderStage, check_choice, last_convolutions, mask_output, two_convolutions, up
from baselines.encoder_weights import with_encoder_weights
from baselines.lite0_weights import ARCHITECTURE, load_imagenet


class ACSNetLite0(ACSNet):
    fidelity = "adapted: EfficientNet-Lite0 as encoder, whose widths the gates, the decoder and the classifier take"
    expected_parameters = 7_277_858

    def __init__(
        self,
        classes: int = 2,
        deformable: Literal["auto", "mmcv", "torchvision", "gather", "none"] = "auto",
        heads: Literal["both", "segmentation", "classification"] = "both",
        encoder_weights: str = "none",
    ):
        """Build the network, or an ablation of it; what an ablation does not use is not created.

        Args:
            classes: of the classification.
            deformable: as in `ACSNet`; `"none"` puts a plain 3x3 convolution in the operator's place.
            heads: one task alone keeps of the network what that task uses.
            encoder_weights: `"none"`, `"imagenet"` or the path of the encoder's state dict.

        Raises:
            ValueError: a choice that does not exist, or mmcv's operator where it is missing.
            UserError: the encoder's weights cannot be had.
        """
        nn.Module.__init__(self)  # ACSNet's own builds the network at ResNet-18's widths
        check_choice("heads", heads, tuple(USED_BY))
        self.encoder = with_encoder_weights(features, encoder_weights)
        widths = cast(FeatureInfo, self.encoder.feature_info).channels()
        self.mask_output = self.classifier = None
        for name, block in blocks(widths, classes, deformable, heads).items():
            setattr(self, name, block)


# The blocks of each choice of `heads`.
USED_BY = {
    "both": ("gate", "stage1", "stage2", "stage3", "stage4", "mask_output", "classifier"),
    "segmentation": ("gate", "stage1", "stage2", "stage3", "stage4", "mask_output"),
    "classification": ("gate", "stage1", "classifier"),
}


def blocks(widths: Sequence[int], classes: int, deformable: str = "auto", heads: str = "both") -> dict[str, nn.Module]:
    """ACSNet but its encoder, by its names, for an encoder of five features; each stage gives twice its skip."""
    layer0, layer1, layer2, layer3, layer4 = widths
    build: dict[str, Callable[[], nn.Module]] = {
        "gate": lambda: gate(layer4),
        "stage1": lambda: stage(layer4, layer3, DeformableSpatialAttention(2 * layer3, deformable)),
        "stage2": lambda: stage(2 * layer3, layer2, DeformableSpatialAttention(2 * layer2, deformable)),
        "stage3": lambda: stage(2 * layer2, layer1, nn.Identity()),
        "stage4": lambda: stage(2 * layer1, layer0, nn.Identity()),
        "mask_output": lambda: mask_output(2 * layer0),
        "classifier": lambda: MultiScaleClassifier(classes, widths=(layer3, layer4, 2 * layer3)),
    }
    built = {name: build[name]() for name in USED_BY[heads]}
    if "stage4" in built:
        # Drawn after all else, in the place of two others: published results begin from random weights in this order.
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
