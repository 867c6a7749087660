"""Attention U-Net: additive gates on the skip connections.

Citation: Oktay O et al. Attention U-Net: learning where to look for the pancreas. MIDL 2018 (arXiv 1804.03999).
Licence of the reference: MIT (FengheTan9/Medical-Image-Segmentation-Benchmarks, whose two-dimensional form the field
runs on BUSI); written from its description.
Faithful to that form; adapted from the paper's, which is three-dimensional and gates by the coarser feature, where here
the gating signal is the upsampled decoder feature, of the skip's own size.
"""

from torch import Tensor, nn
from torch.nn import functional

from baselines.convolutions import double_convolution, up_convolution
from baselines.u_shape import UShapedSegmenter

WIDTHS = (64, 128, 256, 512, 1024)


class AttentionGate(nn.Module):
    """`skip * sigmoid(BN(W ReLU(BN(W_g gate) + BN(W_x skip))))`, all 1x1 convolutions; one map for all channels."""

    def __init__(self, skip_channels: int, gate_channels: int, width: int):
        super().__init__()
        self.of_gate = nn.Sequential(nn.Conv2d(gate_channels, width, 1), nn.BatchNorm2d(width))
        self.of_skip = nn.Sequential(nn.Conv2d(skip_channels, width, 1), nn.BatchNorm2d(width))
        self.attention = nn.Sequential(nn.Conv2d(width, 1, 1), nn.BatchNorm2d(1), nn.Sigmoid())

    def forward(self, skip: Tensor, gate: Tensor) -> Tensor:
        return skip * self.attention(functional.relu(self.of_gate(gate) + self.of_skip(skip)))


class AttentionUNet(UShapedSegmenter):
    """Segmentation alone."""

    citation = "Oktay O et al. Attention U-Net: learning where to look for the pancreas. MIDL 2018."
    licence = "MIT"
    fidelity = "adapted: the two-dimensional form that the field runs, gated by the upsampled decoder feature"
    expected_parameters = 34_880_000

    def __init__(self, classes: int = 2):
        below, at = WIDTHS[:0:-1], WIDTHS[-2::-1]
        super().__init__(
            width=WIDTHS[0],
            encoder=list(map(double_convolution, (3, *WIDTHS[:-1]), WIDTHS)),
            upsamplings=list(map(up_convolution, below, at)),
            gates=[AttentionGate(width, width, width // 2) for width in at],
            decoder=[double_convolution(2 * width, width) for width in at],
        )
