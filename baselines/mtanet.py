"""MTANet: a transformer encoder, a global map refined by reverse attention, and a classifier on the deepest feature.

Citation: Ling Y, Wang Y, Dai W, Yu J, Liang P, Kong D. MTANet: multi-task attention network for automatic medical image
segmentation and classification. IEEE TMI 2024;43:674-685.
Licence of the reference: none (yatingling/MTANet); built from a description of its layers.
Faithful: PVTv2-b2 encoder (timm's) with stochastic depth up to .1, receptive-field blocks on its last three stages,
partial decoder, three stages of reverse attention, four supervised masks; corners are aligned in the partial decoder
alone. Adapted: the reference fuses the image with eight clinical numbers for its classifier, which BUSI and UDIAT do
not have, so what is left of it is the deepest feature, pooled and classified through 40 units. Its training is not
public: the loss is the mean of the four masks' soft Dice losses.
"""

from typing import cast

import timm
import torch
from timm.models import FeatureInfo
from torch import Tensor, nn
from torch.nn import functional

from baselines.encoder_weights import with_encoder_weights
from baselines.pooling import pooled_perceptron
from benchmarks.training.losses import cross_entropy, soft_dice

WIDTH = 32  # of the receptive-field blocks


def resize(features: Tensor, to: Tensor) -> Tensor:
    """Bilinearly, to the height and width of `to`."""
    return functional.interpolate(features, to.shape[-2:], mode="bilinear", align_corners=False)


def twice(features: Tensor) -> Tensor:
    """Bilinearly to twice the height and width, the corners aligned."""
    return functional.interpolate(features, scale_factor=2, mode="bilinear", align_corners=True)


def activated(channels: int, width: int, kernel: tuple[int, int], dilation: int = 1) -> nn.Sequential:
    """Convolution, ReLU, then batch normalisation, in the reference's order."""
    down, across = kernel
    padding = (dilation * (down // 2), dilation * (across // 2))
    layer = nn.Conv2d(channels, width, kernel, padding=padding, dilation=dilation, bias=False)
    return nn.Sequential(layer, nn.ReLU(inplace=True), nn.BatchNorm2d(width))


class ReceptiveFieldBlock(nn.Module):
    """Four branches that see 1, 3, 5 and 7 pixels and dilate by as many, joined beside a 1x1 shortcut.

    Liu S, Huang D, Wang Y. Receptive field block net for accurate and fast object detection. ECCV 2018.
    """

    def __init__(self, channels: int, width: int):
        super().__init__()
        self.branches = nn.ModuleList([activated(channels, width, (1, 1))])
        for kernel in (3, 5, 7):
            self.branches.append(
                nn.Sequential(
                    activated(channels, width, (1, 1)),
                    activated(width, width, (1, kernel)),
                    activated(width, width, (kernel, 1)),
                    activated(width, width, (3, 3), dilation=kernel),
                )
            )
        self.join = activated(4 * width, width, (3, 3))
        self.shortcut = activated(channels, width, (1, 1))

    def forward(self, features: Tensor) -> Tensor:
        joined = self.join(torch.cat([branch(features) for branch in self.branches], dim=1))
        return functional.relu(joined + self.shortcut(features))


class PartialDecoder(nn.Module):
    """A coarse map from three levels, deeper ones multiplied into shallower ones.

    Wu Z, Su L, Huang Q. Cascaded partial decoder for fast and accurate salient object detection. CVPR 2019.
    """

    def __init__(self, width: int):
        super().__init__()
        self.deep_to_middle = activated(width, width, (3, 3))
        self.deep_to_shallow = activated(width, width, (3, 3))
        self.middle_to_shallow = activated(width, width, (3, 3))
        self.deep_beside_middle = activated(width, width, (3, 3))
        self.middle_beside_shallow = activated(2 * width, 2 * width, (3, 3))
        self.join_middle = activated(2 * width, 2 * width, (3, 3))
        self.join_shallow = activated(3 * width, 3 * width, (3, 3))
        self.map = nn.Sequential(activated(3 * width, 3 * width, (3, 3)), nn.Conv2d(3 * width, 1, 1))

    def forward(self, shallow: Tensor, middle: Tensor, deep: Tensor) -> Tensor:
        """Features `(B, width, h, w)` at strides 8, 16 and 32 to a map of logits `(B, 1, h, w)` at stride 8."""
        gated_middle = self.deep_to_middle(twice(deep)) * middle
        gated_shallow = self.deep_to_shallow(twice(twice(deep))) * self.middle_to_shallow(twice(middle)) * shallow
        middle = self.join_middle(torch.cat([gated_middle, self.deep_beside_middle(twice(deep))], dim=1))
        beside = self.middle_beside_shallow(twice(middle))
        return self.map(self.join_shallow(torch.cat([gated_shallow, beside], dim=1)))


class ReverseStage(nn.Module):
    """Adds to a coarser map what its complement shows in finer features."""

    def __init__(self, below: int, width: int):
        super().__init__()
        self.reduce = activated(below, width, (3, 3))
        self.refine = nn.Sequential(activated(width, width, (3, 3)), activated(width, width, (3, 3)))
        self.residual = activated(width, 1, (3, 3))

    def forward(self, features: Tensor, below: Tensor, coarse: Tensor) -> tuple[Tensor, Tensor]:
        """Encoder features, the previous stage's features and its map of logits to this stage's features and map."""
        features = self.refine(self.reduce(resize(below, features)) + features)
        coarse = resize(coarse, features)
        return features, self.residual(features * (1 - torch.sigmoid(coarse))) + coarse


class MTANet(nn.Module):
    """Segmentation and classification; `auxiliary["coarse_masks"]` holds three more masks at the images' size."""

    citation = "Ling Y et al. MTANet: multi-task attention network. IEEE TMI 2024;43:674-685."
    licence = "none"
    fidelity = "adapted: no clinical branch; the loss of each supervised mask"
    expected_parameters = 29_726_561

    def __init__(self, classes: int = 2, encoder_weights: str = "none"):
        """Build the network; `encoder_weights`: `"none"`, `"imagenet"` or the path of a PVTv2-b2's state dict.

        Raises:
            UserError: the encoder's weights cannot be had.
        """
        super().__init__()
        self.encoder = with_encoder_weights(
            lambda pretrained: timm.create_model(
                "pvt_v2_b2", pretrained=pretrained, features_only=True, feature_cls="getter", drop_path_rate=0.1
            ),
            encoder_weights,
            encoder_of=lambda features: features.get_submodule("model"),
        )
        widths = cast(FeatureInfo, self.encoder.feature_info).channels()
        self.fields = nn.ModuleList(ReceptiveFieldBlock(channels, WIDTH) for channels in widths[1:])
        self.partial_decoder = PartialDecoder(WIDTH)
        self.reverse = nn.ModuleList(map(ReverseStage, widths[:0:-1], widths[-2::-1]))
        self.classification_head = pooled_perceptron(widths[-1], 40, classes)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, dict]:
        """Map images `(B, 3, H, W)` to mask logits `(B, 1, H, W)` and class logits `(B, classes)`."""
        *skips, below = self.encoder(images)
        class_logits = self.classification_head(below)
        coarse = self.partial_decoder(
            *(field(level) for field, level in zip(self.fields, (*skips[1:], below), strict=True))
        )
        masks = [resize(coarse, images)]
        for stage in self.reverse:
            below, coarse = stage(skips.pop(), below, coarse)
            masks.append(resize(coarse, images))
        return masks.pop(), class_logits, {"coarse_masks": masks}

    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Mean soft Dice loss of the four masks, and cross-entropy."""
        mask_logits, class_logits, auxiliary = self(images)
        supervised = [mask_logits, *auxiliary["coarse_masks"]]
        return {
            "segmentation": torch.stack([soft_dice(logits, masks) for logits in supervised]).mean(),
            "classification": cross_entropy(class_logits, labels),
        }
