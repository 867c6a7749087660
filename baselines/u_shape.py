"""What U-shaped networks share: a path down by max-pooling, a path up, and a skip from one to the other at each level.

Ronneberger O, Fischer P, Brox T. U-Net: convolutional networks for biomedical image segmentation. MICCAI 2015.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypedDict

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.convolutions import double_convolution, up_convolution


class RisingLevels(TypedDict):
    """The modules of a decoder, from the deepest level up."""

    upsamplings: list[nn.Module]
    gates: list[nn.Module]
    decoder: list[nn.Module]


def falling_levels(block: Callable[[int, int], nn.Module], widths: Sequence[int]) -> list[nn.Module]:
    """A block per level, from the shallowest; each reads the channels of the one above, the first an image's three."""
    return list(map(block, (3, *widths[:-1]), widths))


def rising_levels(
    deepest: int, skips: Sequence[int], widths: Sequence[int], gate: Callable[[int, int], nn.Module]
) -> RisingLevels:
    """The levels of a decoder of double convolutions with gated skips.

    Args:
        deepest: channels that the lowest level reads.
        skips: channels of each level's skip, from the deepest level up.
        widths: channels that each level gives, likewise.
        gate: makes a gate, given the channels of a skip and of what rises to it.
    """
    return {
        "upsamplings": list(map(up_convolution, (deepest, *widths[:-1]), widths)),
        "gates": list(map(gate, skips, widths)),
        "decoder": [double_convolution(skip + width, width) for skip, width in zip(skips, widths, strict=True)],
    }


def descend(levels: Iterable[nn.Module], images: Tensor) -> list[Tensor]:
    """The features of every level, the shallowest first; each further level reads the one above, max-pooled by 2."""
    features: list[Tensor] = []
    for level in levels:
        features.append(level(functional.max_pool2d(features[-1], 2) if features else images))
    return features


def ascend(
    deepest: Tensor,
    skips: Sequence[Tensor],
    upsamplings: Iterable[nn.Module],
    decoder: Iterable[nn.Module],
    gates: Iterable[Callable[[Tensor, Tensor], Tensor]] | None = None,
) -> Tensor:
    """The features of the shallowest level. Modules stand from the deepest level up, `skips` from the shallowest down.

    At each level the features from below are upsampled, the skip passes its gate (if any), which sees both, and the
    decoder's block reads the two concatenated, the skip first.
    """
    features = deepest
    gates = gates or [ungated] * len(skips)
    for skip, upsample, gate, block in zip(reversed(skips), upsamplings, gates, decoder, strict=True):
        risen = upsample(features)
        features = block(torch.cat([gate(skip, risen), risen], dim=1))
    return features


def ungated(skip: Tensor, risen: Tensor) -> Tensor:
    return skip


class UShapedSegmenter(nn.Module):
    """Segmentation alone: down, through the bottleneck, up, and a 1x1 convolution to mask logits."""

    def __init__(
        self,
        width: int,
        encoder: Sequence[nn.Module],
        upsamplings: Sequence[nn.Module],
        decoder: Sequence[nn.Module],
        gates: Sequence[nn.Module] | None = None,
        bottleneck: nn.Module | None = None,
    ):
        """`encoder` from the shallowest level, all other modules from the deepest; `width`: channels of the last."""
        super().__init__()
        self.encoder = nn.ModuleList(encoder)
        self.bottleneck = bottleneck or nn.Identity()
        self.upsamplings = nn.ModuleList(upsamplings)
        self.gates = nn.ModuleList(gates) if gates else None
        self.decoder = nn.ModuleList(decoder)
        self.segmentation_head = nn.Conv2d(width, 1, 1)

    def forward(self, images: Tensor) -> tuple[Tensor, None, dict]:
        """Map images `(B, 3, H, W)` to mask logits `(B, 1, H, W)`; there are no classes."""
        *skips, deepest = descend(self.encoder, images)
        features = ascend(self.bottleneck(deepest), skips, self.upsamplings, self.decoder, self.gates)
        return self.segmentation_head(features), None, {}
