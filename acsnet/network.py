"""ACSNet, block by block as released.

He Q, Yang Q, Su H, Wang Y. Multi-task learning for segmentation and classification of breast tumors from ultrasound
images. Computers in Biology and Medicine 173 (2024) 108319. doi 10.1016/j.compbiomed.2024.108319.
Licence of the released code: MIT; this is an implementation of our own.
Faithful to that code as of August 2024, whose deformable convolution is not part of the release: see
acsnet/deformable_convolution.py. ResNet's classifier, created there but never used, is left out.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from acsnet.attention import DeformableSpatialAttention
from acsnet.classifier import DeepestClassifier, MultiScaleClassifier
from acsnet.deformable_convolution import ModulatedDeformableConvolution
from acsnet.encoder import Encoder
from acsnet.gate import Gate


class ACSNet(nn.Module):
    """ResNet-18 encoder, gated decoder with deformable spatial attention, multi-scale classifier."""

    citation = (
        "He Q, Yang Q, Su H, Wang Y. Multi-task learning for segmentation and classification of breast tumors from "
        "ultrasound images. Computers in Biology and Medicine 173 (2024) 108319."
    )
    licence = "MIT"
    fidelity = "faithful"
    expected_parameters = 31_824_945

    encoder: nn.Module
    gate: nn.Module | None
    stage1: nn.Module | None  # with `gate`
    stage2: nn.Module  # it and the next two: with `mask_output`
    stage3: nn.Module
    stage4: nn.Module
    mask_output: nn.Module | None
    classifier: nn.Module | None

    def __init__(
        self,
        classes: int = 2,
        gates: bool = True,
        deformable: Literal["auto", "mmcv", "torchvision", "gather", "none"] = "auto",
        spatial_attention: bool = True,
        classifier: Literal["multi_scale", "deepest"] = "multi_scale",
        channel_attention: bool = True,
        heads: Literal["both", "segmentation", "classification"] = "both",
        encoder_weights: str = "none",
    ):
        """Build the network of the paper, or an ablation of it; what an ablation does not use is not created.

        Args:
            classes: of the classification.
            gates: False passes the encoder's features on as they are.
            deformable: the operator of the spatial attention, `"auto"` for the fastest that the device has (all give
                the same); `"none"` puts a plain 3x3 convolution in its place.
            spatial_attention: False leaves the deformable spatial attention out.
            classifier: `"deepest"` classifies from the encoder's last feature alone.
            channel_attention: False pools the classifier's features as they are.
            heads: one task alone keeps of the network what that task uses.
            encoder_weights: `"none"`, `"imagenet"` or the path of a ResNet-18 state dict.

        Raises:
            ValueError: a choice that does not exist, or mmcv's operator where it is missing.
            RuntimeError: encoder weights that cannot be had or are another network's.
        """
        super().__init__()
        check_choice("classifier", classifier, ("multi_scale", "deepest"))
        check_choice("heads", heads, ("both", "segmentation", "classification"))
        multi_scale = classifier == "multi_scale"
        gate = Gate if gates else pass_on
        attention = DeformableSpatialAttention if spatial_attention else pass_on

        self.encoder = Encoder(encoder_weights)
        self.gate = self.stage1 = self.mask_output = self.classifier = None
        if heads != "classification" or multi_scale:
            self.gate = gate(512)
            self.stage1 = DecoderStage(gate(256), up(512, 256), two_convolutions(512), attention(512, deformable))
        if heads != "classification":
            self.stage2 = DecoderStage(gate(128), up(512, 128), two_convolutions(256), attention(256, deformable))
            self.stage3 = DecoderStage(gate(64), up(256, 64), two_convolutions(128), nn.Identity())
            self.stage4 = DecoderStage(gate(64), up(128, 64), last_convolutions(128), nn.Identity())
            self.mask_output = mask_output(128)
        if heads != "segmentation":
            self.classifier = (MultiScaleClassifier if multi_scale else DeepestClassifier)(classes, channel_attention)

    @property
    def deformable_backend(self) -> str:
        """The operator in use on the network's device: `"mmcv"`, `"torchvision"`, `"gather"`, or `"none"` without."""
        device_type = next(self.parameters()).device.type
        layers = (m for m in self.modules() if isinstance(m, ModulatedDeformableConvolution))
        return next((layer.backend(device_type) for layer in layers), "none")

    def forward(self, images: Tensor) -> tuple[Tensor | None, Tensor | None, dict]:
        """Map images `(B, 3, H, W)`, H and W divisible by 32, to the logits of both tasks.

        Returns:
            Mask logits `(B, 1, H, W)` and class logits `(B, classes)`, each None without its head, and `{}`.
        """
        layer0, layer1, layer2, layer3, layer4 = self.encoder(images)
        decoded = None if self.gate is None or self.stage1 is None else self.stage1(self.gate(layer4), layer3)

        class_logits = mask_logits = None
        if isinstance(self.classifier, MultiScaleClassifier):
            class_logits = self.classifier(layer3, layer4, decoded)
        elif self.classifier is not None:
            class_logits = self.classifier(layer4)
        if self.mask_output is not None:
            fine = self.stage4(self.stage3(self.stage2(decoded, layer2), layer1), layer0)
            mask_logits = self.mask_output(fine)
        return mask_logits, class_logits, {}


class DecoderStage(nn.Module):
    """Enlarge the deeper feature, join the gated skip, convolve, attend."""

    def __init__(self, gate: nn.Module, up: nn.Module, convolutions: nn.Module, attention: nn.Module):
        super().__init__()
        self.gate, self.up, self.convolutions, self.attention = gate, up, convolutions, attention

    def forward(self, deeper: Tensor, skip: Tensor) -> Tensor:
        """Join `(B, C, h, w)` and the encoder's `(B, D, 2h, 2w)`."""
        return self.attention(self.convolutions(torch.cat([self.gate(skip), self.up(deeper)], dim=1)))


def up(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 1), nn.ReLU(inplace=True), nn.UpsamplingBilinear2d(scale_factor=2)
    )


def normalised_convolution(channels: int) -> list[nn.Module]:
    """3x3 convolution, group norm in groups of 32 channels, ReLU."""
    return [
        nn.Conv2d(channels, channels, 3, padding=1),
        nn.GroupNorm(channels // 32, channels),
        nn.ReLU(inplace=True),
    ]


def two_convolutions(channels: int) -> nn.Sequential:
    return nn.Sequential(*normalised_convolution(channels), *normalised_convolution(channels))


def last_convolutions(channels: int) -> nn.Sequential:
    """Those of the finest stage: its first is 1x1 and has no norm."""
    return nn.Sequential(nn.Conv2d(channels, channels, 1), nn.ReLU(inplace=True), *normalised_convolution(channels))


def mask_output(channels: int) -> nn.Sequential:
    """Enlarges before it convolves, as released: two fifths of the network's operations happen here."""
    enlarge = nn.UpsamplingBilinear2d(scale_factor=2)
    return nn.Sequential(enlarge, *normalised_convolution(channels), nn.Conv2d(channels, 1, 1))


def pass_on(*_) -> nn.Identity:
    """What an ablation puts in a block's place."""
    return nn.Identity()


def check_choice(name: str, found: str, choices: tuple[str, ...]) -> None:
    if found not in choices:
        raise ValueError(f"{name}: expected one of {', '.join(choices)}; found {found!r}.")
