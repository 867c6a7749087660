"""The classifiers: the paper's, from three features, and the ablation's, from the deepest alone."""

import torch
from torch import Tensor, nn

from acsnet.attention import ChannelAttention


class MultiScaleClassifier(nn.Module):
    """Classify from the encoder's two deepest features, ungated, and the decoder's first."""

    def __init__(self, classes: int, channel_attention: bool = True, widths: tuple[int, int, int] = (256, 512, 512)):
        """`widths`: channels of the three features, in the order of `forward`."""
        super().__init__()
        self.attend_layer3, self.attend_layer4, self.attend_decoder = (
            ChannelAttention(channels) if channel_attention else nn.Identity() for channels in widths
        )
        self.enlarge = nn.UpsamplingBilinear2d(scale_factor=2)
        self.output = pooled_perceptron(sum(widths), classes)

    def forward(self, layer3: Tensor, layer4: Tensor, decoded: Tensor) -> Tensor:
        """Map `(B, 256, h, w)`, `(B, 512, h / 2, w / 2)` and `(B, 512, h, w)` to class logits `(B, classes)`."""
        scales = [self.attend_layer3(layer3), self.enlarge(self.attend_layer4(layer4)), self.attend_decoder(decoded)]
        return self.output(torch.cat(scales, dim=1))


class DeepestClassifier(nn.Sequential):
    """Ablation: classify from the encoder's deepest feature `(B, 512, h, w)`; otherwise built alike."""

    def __init__(self, classes: int, channel_attention: bool = True):
        attend = ChannelAttention(512) if channel_attention else nn.Identity()
        super().__init__(attend, pooled_perceptron(512, classes))


def pooled_perceptron(channels: int, classes: int) -> nn.Sequential:
    """Global average, a hidden layer of half the channels, class logits."""
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(channels, channels // 2),
        nn.ReLU(inplace=True),
        nn.Linear(channels // 2, classes),
    )
