"""A made-up batch, a network's losses for it as a module of their own, and what is said where it cannot be tried."""

import torch
from torch import Tensor, nn

from benchmarks.training.checks.two_images import losses_of


class CannotBeTried(Exception):
    """A promise that this machine, or this network, gives no way to try; says why."""


def made_up_batch(size: int, side: int, classes: int = 2) -> tuple[Tensor, Tensor, Tensor]:
    """Images (B, 3, S, S), masks (B, 1, S, S) with a lesion each, and labels (B,) of all classes."""
    generator = torch.Generator().manual_seed(side)
    masks = torch.zeros(size, 1, side, side)
    masks[..., side // 4 : side // 2, side // 3 : 2 * side // 3] = 1
    return torch.randn(size, 3, side, side, generator=generator) + masks, masks, torch.arange(size) % classes


class TrainingLosses(nn.Module):
    """A network's losses as a module, so that torch.func can compute them with other tensors than the network's."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        return losses_of(self.network, images, masks, labels)
