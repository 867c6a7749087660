"""U-Net and residual U-Net of a public deep-learning study of BUSI.

Citation: BUS_Deep_Learning, github.com/mroussak/BUS_Deep_Learning (Keras); after Ronneberger et al., MICCAI 2015
(U-Net) and Zhang et al., IEEE GRSL 2018 (residual U-Net).
Licence of the reference: none, so none of its code is used.
Faithful: widths 64 to 1024, padded 3x3 convolutions, batch normalisation, transposed convolutions, normalised and
activated, of which the U-Net's last has 128 channels; the residual U-Net's 3x3 shortcut around every block, joined
before the last activation; Glorot initialisation, batch normalisation with the code's epsilon and Keras's momentum. The
input alone differs: three (equal) channels and any size, where the original has one channel and 128 x 128 pixels.
"""

from torch import Tensor, cat, nn

from baselines.convolutions import normalise_as_keras
from baselines.u_shape import descend

WIDTHS = (64, 128, 256, 512, 1024)


class Block(nn.Module):
    """Two 3x3 convolutions, normalised and activated; with `residual`, a 3x3 shortcut joins before the last ReLU."""

    def __init__(self, channels: int, width: int, batch_normalisation: bool, residual: bool):
        super().__init__()
        self.first = convolution(channels, width, batch_normalisation)
        self.second = convolution(width, width, batch_normalisation)
        self.shortcut = convolution(channels, width, batch_normalisation) if residual else None
        self.activation = nn.ReLU(inplace=True)

    def forward(self, features: Tensor) -> Tensor:
        out = self.second(self.activation(self.first(features)))
        if self.shortcut is not None:
            out = out + self.shortcut(features)
        return self.activation(out)


def convolution(channels: int, width: int, batch_normalisation: bool) -> nn.Sequential:
    normalisation = [nn.BatchNorm2d(width)] if batch_normalisation else []
    return nn.Sequential(nn.Conv2d(channels, width, 3, padding=1), *normalisation)


def upsampling(channels: int, width: int, batch_normalisation: bool) -> nn.Sequential:
    """Twice the height and width by a 2x2 transposed convolution, then normalisation and ReLU."""
    normalisation = [nn.BatchNorm2d(width)] if batch_normalisation else []
    return nn.Sequential(nn.ConvTranspose2d(channels, width, 2, stride=2), *normalisation, nn.ReLU(inplace=True))


class BUSUNet(nn.Module):
    """Segmentation alone: mask logits, no class logits."""

    citation = "BUS_Deep_Learning, github.com/mroussak/BUS_Deep_Learning; Ronneberger et al., MICCAI 2015"
    licence = "none"
    fidelity = "faithful"
    expected_parameters = 31_115_265

    def __init__(self, classes: int = 2, residual: bool = False, batch_normalisation: bool = True):
        super().__init__()
        contracting = zip((3, *WIDTHS[:-1]), WIDTHS, strict=True)
        self.encoder = nn.ModuleList(Block(i, o, batch_normalisation, residual) for i, o in contracting)
        skips = WIDTHS[-2::-1]
        risen = skips if residual else (512, 256, 128, 128)
        expanding = list(zip(WIDTHS[:0:-1], risen, skips, strict=True))
        self.upsamplings = nn.ModuleList(upsampling(i, u, batch_normalisation) for i, u, _ in expanding)
        self.decoder = nn.ModuleList(Block(u + s, s, batch_normalisation, residual) for _, u, s in expanding)
        self.head = nn.Conv2d(WIDTHS[0], 1, 1)
        self.apply(initialise_as_keras)
        normalise_as_keras(self, epsilon=1.001e-5)

    def forward(self, images: Tensor) -> tuple[Tensor, None, dict]:
        """Images (B, 3, H, W), H and W divisible by 16, to mask logits (B, 1, H, W)."""
        *skips, features = descend(self.encoder, images)
        for rise, block in zip(self.upsamplings, self.decoder, strict=True):
            features = block(cat([rise(features), skips.pop()], dim=1))
        return self.head(features), None, {}


def initialise_as_keras(module: nn.Module) -> None:
    """Keras's default: Glorot's uniform weights, no bias."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.get_parameter("bias"))
