"""The dilated ResNet trunk and the two heads of the multi-task networks built on it.

Trunk: Yu F, Koltun V, Funkhouser T. Dilated residual networks. CVPR 2017 (strides of the last two stages replaced by
dilation). Dense head: Chen LC, Papandreou G, Schroff F, Adam H. Rethinking atrous convolution for semantic image
segmentation (DeepLabv3). arXiv 1706.05587, 2017. Their use as single trunk and head per task: Vandenhende S et al.
Multi-task learning for dense prediction tasks: a survey. TPAMI 2021. ResNet and the DeepLab head are torchvision's
(BSD-3-Clause).

Faithful: output stride 8 (layer3 dilated by 2, layer4 by 4), rates 12, 24 and 36, 256 channels, dropout .5 in the
dense head. Adapted: the pooled classification head, since the survey knows dense tasks alone.
"""

from typing import cast

import torchvision
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import ResNet
from torchvision.models.segmentation import deeplabv3

from baselines.encoder_weights import with_encoder_weights
from baselines.pooling import pooled_linear

TASKS = ("segmentation", "classification")


class DilatedResNet(nn.Module):
    """A ResNet at output stride 8, without its classifier.

    Attributes:
        stem: convolution, batch norm, ReLU, max-pool (a `Sequential` of these four): 64 channels at stride 4.
        layer1, layer2, layer3, layer4: the stages, at strides 4, 8, 8 and 8; `Sequential`s of residual blocks.
        widths: the channels that the four stages give, (64, 128, 256, 512) in ResNet-18.
    """

    stem_width = 64

    def __init__(self, name: str = "resnet18", encoder_weights: str = "none"):
        """Build torchvision's ResNet `name` (`resnet18`, `resnet34`, `resnet50`, ...) and dilate it.

        Raises:
            UserError: the weights cannot be had (see `baselines/encoder_weights.py`).
        """
        super().__init__()
        resnet = with_encoder_weights(
            lambda pretrained: cast(
                ResNet, torchvision.models.get_model(name, weights="IMAGENET1K_V1" if pretrained else None)
            ),
            encoder_weights,
        )
        self.stem = nn.Sequential(resnet.conv1, resnet.bn1, resnet.relu, resnet.maxpool)
        self.layer1 = resnet.layer1
        self.layer2 = resnet.layer2
        self.layer3 = dilate(resnet.layer3, 2)
        self.layer4 = dilate(resnet.layer4, 4)
        self.widths = tuple(out_channels(stage) for stage in (self.layer1, self.layer2, self.layer3, self.layer4))

    def forward(self, images: Tensor) -> Tensor:
        """Map images `(B, 3, H, W)` to features `(B, widths[3], H / 8, W / 8)`."""
        return self.layer4(self.layer3(self.layer2(self.layer1(self.stem(images)))))


def dilate(stage: nn.Sequential, dilation: int) -> nn.Sequential:
    """Replace the stride of a stage by dilation, in place.

    The strided 3x3 convolution gets half the dilation of the others: what precedes it is sampled twice as densely as
    before, what follows it as often again. torchvision offers this for bottleneck blocks alone.
    """
    for convolution in (m for m in stage.modules() if isinstance(m, nn.Conv2d)):
        strided = convolution.stride == (2, 2)
        convolution.stride = (1, 1)
        if convolution.kernel_size == (3, 3):
            step = dilation // 2 if strided else dilation
            convolution.dilation = convolution.padding = (step, step)
    return stage


def out_channels(stage: nn.Sequential) -> int:
    """Channels that a stage of residual blocks gives: those of its last convolution."""
    return [m for m in stage.modules() if isinstance(m, nn.Conv2d)][-1].out_channels


class DeepLabHead(nn.Module):
    """DeepLabv3's dense head: atrous spatial pyramid (rates 12, 24, 36), 3x3 convolution, 1x1 convolution."""

    def __init__(self, in_channels: int, classes: int = 1):
        super().__init__()
        self.layers = deeplabv3.DeepLabHead(in_channels, classes, atrous_rates=(12, 24, 36))

    def forward(self, features: Tensor, size: tuple[int, int]) -> Tensor:
        """Map features `(B, in_channels, h, w)` to logits `(B, classes, *size)`, resized bilinearly."""
        return functional.interpolate(self.layers(features), size=size, mode="bilinear", align_corners=False)


def task_head(task: str, in_channels: int, classes: int) -> nn.Module:
    """The head of one of `TASKS` on the trunk's features: dense for the mask, pooled for the image's class."""
    return DeepLabHead(in_channels) if task == "segmentation" else pooled_linear(in_channels, classes, dropout=0.2)
