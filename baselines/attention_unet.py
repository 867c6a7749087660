"""Attention U-Net: additive gates on the skip connections.

Citation: Oktay O et al. Attention U-Net: learning where to look for the pancreas. MIDL 2018 (arXiv 1804.03999).
Licence of the reference: MIT (FengheTan9/Medical-Image-Segmentation-Benchmarks, whose two-dimensional form the field
runs on BUSI); written from its description.
Faithful to that form; adapted from the paper's, which is three-dimensional and gates by the coarser feature, where here
the gating signal is the upsampled decoder feature, of the skip's own size.
"""

from torch import Tensor, nn
from torch.nn import functional

from baselines.convolutions import attention_weights, double_convolution, normalised
from baselines.u_shape import UShapedSegmenter, falling_levels, rising_levels

WIDTHS = (64, 128, 256, 512, 1024)


class AttentionGate(nn.Module):
    """`skip * sigmoid(BN(W ReLU(BN(W_g gate) + BN(W_x skip))))`, all 1x1 convolutions; one map for all channels.

    The sum has half the gating feature's channels.
    """

    def __init__(self, skip_channels: int, gate_channels: int):
        super().__init__()
        width = gate_channels // 2
        self.of_gate = normalised(gate_channels, width, kernel=1)
        self.of_skip = normalised(skip_channels, width, kernel=1)
        self.attention = attention_weights(width, 1)

    def forward(self, skip: Tensor, gate: Tensor) -> Tensor:
        return skip * self.attention(functional.relu(self.of_gate(gate) + self.of_skip(skip)))


class AttentionUNet(UShapedSegmenter):
    """Segmentation alone."""

    citation = "Oktay O et al. Attention U-Net: learning where to look for the pancreas. MIDL 2018."
    licence = "MIT"
    fidelity = "adapted: the two-dimensional form that the field runs, gated by the upsampled decoder feature"
    expected_parameters = 34_880_000

    def __init__(self, classes: int = 2):
        deepest, *at = reversed(WIDTHS)
        super().__init__(
            width=WIDTHS[0],
            encoder=falling_levels(double_convolution, WIDTHS),
            **rising_levels(deepest, skips=at, widths=at, gate=AttentionGate),
        )
