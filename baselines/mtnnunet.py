"""MTnnUNet: a U-Net in nnU-Net's manner with a classifier on the features around its bottleneck.

Citation: Aumente-Maestro C, Diez J, Remeseiro B. A multi-task framework for breast cancer segmentation and
classification in ultrasound imaging. Computer Methods and Programs in Biomedicine 2025.
Licence of the reference: Apache-2.0 (caumente/multi_task_breast_cancer); written from its description.
Faithful: widths 32 to 320, instance normalisation, the classifier's three inputs, He's initialisation of all
convolutions but the classifier's, four supervised masks and the loss of `deep_supervision.py`. Two class logits stand
for their single one, and three input channels for one. It trains from 64 pixels on: at 32 nothing is left to normalise
at its bottleneck.
"""

import torch
from torch import Tensor, nn

from baselines.deep_supervision import deeply_supervised_losses
from baselines.pooling import pooled_perceptron
from baselines.u_shape import descend

WIDTHS = (32, 64, 128, 256, 320)
DECODER = ((640, 256, 256), (512, 128, 128), (256, 64, 64), (128, 32, 32), (64, 32, 16))  # channels of each block


def convolution(channels: int, width: int) -> nn.Sequential:
    """3x3 convolution, instance normalisation without parameters, leaky ReLU."""
    return nn.Sequential(
        nn.Conv2d(channels, width, 3, padding=1, bias=False), nn.InstanceNorm2d(width), nn.LeakyReLU(0.01, inplace=True)
    )


def double_convolution(channels: int, width: int, last: int) -> nn.Sequential:
    return nn.Sequential(convolution(channels, width), convolution(width, last))


def upsampling(channels: int, factor: int = 2) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(channels, channels, factor, stride=factor)


class MTnnUNet(nn.Module):
    """One mask, the three coarser ones in training, and the class."""

    citation = (
        "Aumente-Maestro C, Diez J, Remeseiro B. A multi-task framework for breast cancer segmentation and "
        "classification in ultrasound imaging. Comput Methods Programs Biomed 2025."
    )
    licence = "Apache-2.0"
    fidelity = "faithful"
    expected_parameters = 15_820_000

    def __init__(self, classes: int = 2):
        super().__init__()
        self.encoder = nn.ModuleList(map(double_convolution, (3, *WIDTHS[:-1]), WIDTHS, WIDTHS))
        self.bottleneck = double_convolution(WIDTHS[-1], WIDTHS[-1], WIDTHS[-1])
        self.upsamplings = nn.ModuleList(upsampling(joined // 2) for joined, _, _ in DECODER)
        self.decoder = nn.ModuleList(double_convolution(*channels) for channels in DECODER)
        self.segmentation_head = nn.Conv2d(16, 1, 1)
        self.coarse_heads = nn.ModuleList(
            nn.Sequential(upsampling(width, factor), nn.Conv2d(width, 1, 1))
            for width, factor in ((32, 2), (64, 4), (128, 8))
        )
        self.apply(initialise)  # not what follows
        self.of_encoder = convolution(WIDTHS[-1], 320)
        self.of_decoder = convolution(256, 320)
        self.classification_head = nn.Sequential(convolution(3 * 320, 512), *pooled_perceptron(512, 256, classes))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, dict]:
        """Map images `(B, 3, H, W)` to mask logits `(B, 1, H, W)` and class logits `(B, classes)`.

        `auxiliary["coarse_masks"]`: logits of the three coarser masks, the finest first, of the images' size.
        """
        *skips, features = descend((*self.encoder, self.bottleneck), images)
        raised, decoded, of_encoder = [], [], self.of_encoder(skips[-1])
        for upsample, block in zip(self.upsamplings, self.decoder, strict=True):
            raised.append(upsample(features))
            features = block(torch.cat([raised[-1], skips.pop()], dim=1))
            decoded.append(features)
        gathered = torch.cat([of_encoder, raised[0], self.of_decoder(decoded[0])], dim=1)
        coarse = [head(at) for head, at in zip(self.coarse_heads, decoded[3:0:-1], strict=False)]
        return self.segmentation_head(features), self.classification_head(gathered), {"coarse_masks": coarse}

    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Dice of the four masks, and focal loss."""
        return deeply_supervised_losses(self(images), masks, labels)


def initialise(module: nn.Module) -> None:
    """He's normal weights, no bias; transposed convolutions stay as torch makes them."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity="leaky_relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
