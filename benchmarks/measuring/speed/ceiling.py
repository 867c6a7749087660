"""What the device could do at most: its speed in a matrix product, and how many operations a training step has."""

import time
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.measuring.cost import counted_deformable
from benchmarks.measuring.speed.devices import wait_for

SMALLEST, LARGEST = 256, {"cpu": 2048, "cuda": 8192}  # sides of matrices
LONG = 0.05  # seconds; larger matrices would tell no more
PASSES = 3  # forward, and backward to what goes in and to the weights
COUNTED = 2  # images; batch norm cannot train on one


class Training(Protocol):
    """What trains a network: the engine's `Trainer`, or the conventional script."""

    @property
    def network(self) -> nn.Module: ...

    @property
    def optimiser(self) -> torch.optim.Optimizer: ...

    @property
    def device(self) -> torch.device: ...

    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]: ...


def product_rate(device: torch.device, precision: str, seconds: float = 0.3) -> float:
    """Operations per second of square matrix products: the fastest of those made in about so many seconds.

    The matrices are as large as the device takes at a moment, for without units for a precision it may be very slow.

    Args:
        precision: `float32` or `bfloat16`.
    """
    side, found, ends = SMALLEST, 0.0, time.perf_counter() + seconds
    largest = LARGEST.get(device.type, LARGEST["cpu"])
    first, second = (torch.randn(largest, largest, device=device).to(getattr(torch, precision)) for _ in range(2))
    while time.perf_counter() < ends:
        here, there = first[:side, :side].contiguous(), second[:side, :side].contiguous()
        here @ there  # the first of a shape chooses how
        wait_for(device)
        began = time.perf_counter()
        here @ there
        wait_for(device)
        took = time.perf_counter() - began
        found = max(found, 2 * side**3 / took)
        if took < LONG:
            side = min(2 * side, largest)
    return found


def operations_of_step(training: Training, images: Tensor, masks: Tensor, labels: Tensor) -> float:
    """Floating-point operations of the products in one training step, forward and backward, a multiply-add being two.

    Counted on the first two images of the batch and scaled. The gradients that it leaves are dropped.
    """
    network = training.network.train()
    few = [part[:COUNTED].to(training.device) for part in (images, masks, labels)]
    counter = FlopCounterMode(display=False)
    with sdpa_kernel(SDPBackend.MATH), counted_deformable(network) as deformable, counter:
        torch.stack(list(training.losses(*few).values())).sum().backward()
    training.optimiser.zero_grad()
    return (counter.get_total_flops() + 2 * PASSES * sum(deformable)) * len(images) / COUNTED
