"""DeepLab whose last residual stage convolves deformably: what deformable convolution does outside ACSNet.

Citation: Dai J, Qi H, Xiong Y, Li Y, Zhang G, Hu H, Wei Y. Deformable convolutional networks. ICCV 2017; modulation:
Zhu X, Hu H, Lin S, Dai J. Deformable ConvNets v2. CVPR 2019. Code: github.com/msracver/Deformable-ConvNets (MXNet).
Licence of the reference: MIT.
Faithful: the 3x3 convolutions of the last stage (dilated by 2, output stride 16) deformable, with offsets that begin at
zero; 1x1 convolution to 1024 channels, ReLU, 1x1 score, bilinear enlargement by 16; both drawn from N(0, .01).
Adapted: ResNet-50 (torchvision's) for ResNet-101, batch normalisation that learns, the modulation of the later paper, a
mask 2 * sigmoid that begins at one, and one learning rate for all layers, where the reference gives the convolutions of
offsets and masks a tenth of it. A DeepLab of dilated convolutions is thus where training begins.
"""

from collections.abc import Iterable
from typing import cast

import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.resnet import Bottleneck

from acsnet.deformable_convolution import ModulatedDeformableConvolution
from baselines.encoder_weights import with_encoder_weights


class DilatedOffsets(nn.Conv2d):
    """Offsets (B, 18, H, W) from the taps of a dilated 3x3 convolution, for an operator whose taps are not dilated."""

    spread: Tensor

    def __init__(self, channels: int, dilation: int):
        super().__init__(channels, 18, 3, padding=1)
        nn.init.zeros_(self.weight)
        nn.init.zeros_(self.get_parameter("bias"))
        steps = torch.tensor([-1.0, 0.0, 1.0])
        taps = torch.cartesian_prod(steps, steps).flatten()  # y0, x0, y1, x1, ...
        self.register_buffer("spread", (dilation - 1) * taps.view(1, 18, 1, 1), persistent=False)

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input) + self.spread


class DilatedDeformableConvolution(ModulatedDeformableConvolution):
    """A 3x3 modulated deformable convolution that begins as the dilated convolution it replaces, with its weights."""

    def __init__(self, replaced: nn.Conv2d, dilation: int, deformable: str = "auto"):
        super().__init__(replaced.in_channels, replaced.out_channels, deformable)
        self.weight = replaced.weight
        self.offset = DilatedOffsets(replaced.in_channels, dilation)
        nn.init.zeros_(self.mask.get_parameter("bias"))

    def forward(self, input: Tensor) -> Tensor:
        """Map `(B, in_channels, H, W)` to `(B, out_channels, H, W)`; linear in the mask, so 2 * sigmoid is twice it."""
        return 2 * super().forward(input)


class DeepLabDCN(nn.Module):
    """Segmentation alone: mask logits, no class logits."""

    citation = "Dai et al., Deformable convolutional networks, ICCV 2017; Zhu et al., Deformable ConvNets v2, CVPR 2019"
    licence = "MIT"
    fidelity = "adapted: ResNet-50 for ResNet-101, modulated as in version 2, batch normalisation learns"
    expected_parameters = 25_980_562

    def __init__(self, classes: int = 2, deformable: str = "auto", encoder_weights: str = "none"):
        """`deformable`: the operator, as in `acsnet/deformable_convolution.py`.

        Raises:
            ValueError: mmcv is asked for and its operators are missing.
            UserError: the encoder's weights cannot be had.
        """
        super().__init__()
        resnet = with_encoder_weights(
            lambda pretrained: torchvision.models.resnet50(
                weights="IMAGENET1K_V1" if pretrained else None, replace_stride_with_dilation=[False, False, True]
            ),
            encoder_weights,
        )
        for block in cast(Iterable[Bottleneck], resnet.layer4):
            block.conv2 = DilatedDeformableConvolution(block.conv2, dilation=2, deformable=deformable)
        stem = nn.Sequential(resnet.conv1, resnet.bn1, resnet.relu, resnet.maxpool)
        self.encoder = nn.Sequential(stem, resnet.layer1, resnet.layer2, resnet.layer3, resnet.layer4)
        hidden, score = nn.Conv2d(2048, 1024, 1), nn.Conv2d(1024, 1, 1)
        self.head = nn.Sequential(hidden, nn.ReLU(inplace=True), score)
        for layer in (hidden, score):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.get_parameter("bias"))

    def forward(self, images: Tensor) -> tuple[Tensor, None, dict]:
        """Images (B, 3, H, W), H and W divisible by 16, to mask logits (B, 1, H, W)."""
        score = self.head(self.encoder(images))
        return functional.interpolate(score, size=images.shape[2:], mode="bilinear", align_corners=False), None, {}
