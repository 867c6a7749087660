"""GG-Net: attention guided by a fusion of all levels, and boundary detection on every map.

Citation: Xue C, Zhu L, Fu H, Hu X, Li X, Zhang H, Heng PA. Global guidance network for breast lesion segmentation in
ultrasound images. Medical Image Analysis 2021;70:101989. Code: github.com/xorangecheng/GlobalGuidance-Net.
Licence of the reference: MIT.
Faithful: ResNeXt-101 32x4d to stride 16 (timm's), guidance map, atrous pyramid (torchvision's), guided position and
channel attention, decoder, boundary detection, the loss of five maps with three terms each.
Left out: what the reference builds and never trains, that is its last encoder stage (14.54 M) and layers that no loss
reaches (0.26 M); it counts 40.94 M without the former, 40.67 M without both. Its conditional random field at test time
is left out as well. `GGNetMT` adds a classification head.
"""

import timm
import torch
from torch import Tensor, cat, nn
from torch.nn import functional
from torchvision.models.segmentation.deeplabv3 import ASPP

from baselines.encoder_weights import with_encoder_weights
from baselines.pooling import pooled_linear
from benchmarks.training.losses import binary_cross_entropy, cross_entropy, soft_dice

ENCODER_WIDTHS = (64, 256, 512, 1024)  # at strides 2, 4, 8, 16
WIDTH = 256


def convolution(channels: int, width: int, kernel: int) -> nn.Sequential:
    """Convolution, batch normalisation and PReLU."""
    return nn.Sequential(nn.Conv2d(channels, width, kernel, padding=kernel // 2), nn.BatchNorm2d(width), nn.PReLU())


def reduction(channels: int, width: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(channels, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())


def resize(features: Tensor, size: tuple[int, ...]) -> Tensor:
    return functional.interpolate(features, size=size, mode="bilinear", align_corners=True)


def boundary_of(maps: Tensor) -> Tensor:
    """How far each value lies below the largest of its 3x3 neighbourhood: (B, 1, H, W), not negative."""
    return (maps - functional.max_pool2d(maps, 3, stride=1, padding=1)).abs()


def encoder_stages(encoder_weights: str) -> nn.ModuleList:
    """Four stages of ResNeXt-101 32x4d (timm's), of `ENCODER_WIDTHS` channels.

    Raises:
        UserError: the weights cannot be had.
    """
    resnext = with_encoder_weights(
        lambda pretrained: timm.create_model("resnext101_32x4d.gluon_in1k", pretrained=pretrained), encoder_weights
    )
    part = resnext.get_submodule
    stem = nn.Sequential(part("conv1"), part("bn1"), part("act1"))
    return nn.ModuleList([stem, nn.Sequential(part("maxpool"), part("layer1")), part("layer2"), part("layer3")])


class Guidance(nn.Module):
    """Fuses the four encoder levels at a quarter of the image's size, and predicts a mask from each."""

    def __init__(self, width: int = 128):
        super().__init__()
        self.reductions = nn.ModuleList(convolution(channels, width, 1) for channels in ENCODER_WIDTHS)
        self.predictions = nn.ModuleList(nn.Conv2d(width, 1, 1) for _ in ENCODER_WIDTHS)
        self.fusion = nn.Sequential(
            convolution(4 * width, WIDTH, 3), convolution(WIDTH, WIDTH, 3), convolution(WIDTH, WIDTH, 1)
        )

    def forward(self, levels: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """The guidance map (B, 256, H/4, W/4) and four mask logits (B, 1, H/4, W/4)."""
        size = levels[1].shape[2:]
        reduced = [resize(reduce(level), size) for reduce, level in zip(self.reductions, levels, strict=True)]
        predictions = [predict(features) for predict, features in zip(self.predictions, reduced, strict=True)]
        finest, *others = reduced
        return self.fusion(cat([finest, *reversed(others)], dim=1)), predictions


class GuidedPositionAttention(nn.Module):
    """Self-attention over positions whose map is multiplied by the guidance's own; starts as the identity."""

    def __init__(self, channels: int):
        super().__init__()
        self.query, self.key, self.value, self.guide_query, self.guide_key = (
            nn.Conv2d(channels, channels, 1) for _ in range(5)
        )
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, features: Tensor, guide: Tensor) -> Tensor:
        own = (self.query(features).flatten(2).mT @ self.key(features).flatten(2)).softmax(-1)
        guided = (self.guide_query(guide).flatten(2).mT @ self.guide_key(guide).flatten(2)).softmax(-1)
        attention = (own @ guided).softmax(-1)
        out = self.value(features).flatten(2) @ attention.mT
        return self.gamma * out.view_as(features) + features


class GuidedChannelAttention(nn.Module):
    """Self-attention over channels whose map is multiplied by the guidance's own; starts as the identity."""

    def __init__(self):
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, features: Tensor, guide: Tensor) -> Tensor:
        flat, flat_guide = features.flatten(2), guide.flatten(2)
        energy = (flat @ flat.mT).softmax(-1) @ (flat_guide @ flat_guide.mT).softmax(-1)
        attention = (energy.amax(-1, keepdim=True) - energy).softmax(-1)
        return self.gamma * (attention @ flat).view_as(features) + features


class GuidedDecoder(nn.Module):
    """Both attentions on the pyramid's features at a quarter of the image's size, then joined with the finest stage."""

    def __init__(self, fine_width: int = 48):
        super().__init__()
        self.guide = reduction(WIDTH, WIDTH)
        self.fine = reduction(ENCODER_WIDTHS[1], fine_width)
        self.position_attention = GuidedPositionAttention(WIDTH)
        self.after_position = nn.Sequential(convolution(WIDTH, WIDTH, 3), convolution(WIDTH, WIDTH, 1))
        self.channel_attention = GuidedChannelAttention()
        self.after_channel = nn.Sequential(convolution(WIDTH, WIDTH, 3), convolution(WIDTH, WIDTH, 1))
        self.fusion = convolution(WIDTH, WIDTH, 1)
        self.prediction = nn.Sequential(
            nn.Conv2d(WIDTH + fine_width, WIDTH, 3, padding=1, bias=False),
            nn.BatchNorm2d(WIDTH),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False),
            nn.BatchNorm2d(WIDTH),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Conv2d(WIDTH, 1, 1),
        )

    def forward(self, features: Tensor, guide: Tensor, fine: Tensor) -> Tensor:
        guide = self.guide(guide)
        features = self.after_position(self.position_attention(resize(features, guide.shape[2:]), guide))
        features = self.fusion(self.after_channel(self.channel_attention(features, guide)))
        return self.prediction(cat([features, self.fine(fine)], dim=1))


class GGNet(nn.Module):
    """Segmentation alone, with its own loss."""

    citation = "Xue et al., Global guidance network for breast lesion segmentation, Medical Image Analysis 70, 2021"
    licence = "MIT"
    fidelity = "faithful"
    expected_parameters = 40_672_691

    def __init__(self, classes: int = 2, encoder_weights: str = "none"):
        super().__init__()
        self.encoder = encoder_stages(encoder_weights)
        self.guidance = Guidance()
        self.pyramid = ASPP(ENCODER_WIDTHS[-1], atrous_rates=[6, 12, 18], out_channels=WIDTH)
        self.decoder = GuidedDecoder()
        for part in (self.pyramid, self.decoder):
            part.apply(initialise)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor | None, dict]:
        """Images (B, 3, H, W) to mask logits (B, 1, H, W).

        The auxiliary outputs are `maps`, the logits of the mask and of the four encoder levels, and `boundaries`, the
        boundary found in each; all (B, 1, H, W).
        """
        mask, auxiliary, _ = self.segment(images)
        return mask, None, auxiliary

    def segment(self, images: Tensor) -> tuple[Tensor, dict, Tensor]:
        """Mask logits, auxiliary outputs and the pyramid's features (B, 256, H/16, W/16)."""
        levels = [images]
        for stage in self.encoder:
            levels.append(stage(levels[-1]))
        levels = levels[1:]
        guide, side_maps = self.guidance(levels)
        features = self.pyramid(levels[-1])
        maps = [self.decoder(features, guide, levels[1]), *side_maps]
        maps = [resize(logits, images.shape[2:]) for logits in maps]
        boundaries = [boundary_of(logits) for logits in maps]
        sharpened = [logits + boundary for logits, boundary in zip(maps, boundaries, strict=True)]
        return sharpened[0], {"maps": sharpened, "boundaries": boundaries}, features

    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Cross-entropy, Dice and boundary loss of the five maps, all of weight 1."""
        _, _, auxiliary = self(images)
        return {"segmentation": five_map_loss(auxiliary, masks)}


class GGNetMT(GGNet):
    """GG-Net with a classification head on the average of the pyramid's features."""

    fidelity = "adapted: a classification head (average pooling, dropout, linear) on the atrous pyramid's features"
    expected_parameters = 40_673_205

    def __init__(self, classes: int = 2, encoder_weights: str = "none"):
        super().__init__(classes, encoder_weights)
        self.classifier = pooled_linear(WIDTH, classes, dropout=0.5)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, dict]:
        """As GG-Net, with class logits (B, classes)."""
        mask, auxiliary, features = self.segment(images)
        return mask, self.classifier(features), auxiliary

    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """GG-Net's loss, and cross-entropy of the class logits."""
        _, label, auxiliary = self(images)
        return {"segmentation": five_map_loss(auxiliary, masks), "classification": cross_entropy(label, labels)}


def five_map_loss(auxiliary: dict, masks: Tensor) -> Tensor:
    edges = boundary_of(masks)
    total = masks.new_zeros(())
    for logits, boundary in zip(auxiliary["maps"], auxiliary["boundaries"], strict=True):
        logits, boundary = logits.to(masks.dtype), boundary.to(masks.dtype)
        total = total + binary_cross_entropy(logits, masks) + soft_dice(logits, masks)
        total = total + functional.mse_loss(boundary, edges)
    return total


def initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight)
