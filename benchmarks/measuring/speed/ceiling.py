"""What the device could do at most: its speed in a matrix product, and how many operations a training step has."""

import time

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.measuring.cost import counted_deformable
from benchmarks.measuring.speed.conventional import ConventionalTraining
from benchmarks.measuring.speed.devices import wait_for

SIDE = {"cpu": 2048, "cuda": 8192}
PASSES = 3  # forward, and backward to what goes in and to the weights
COUNTED = 2  # images; batch norm cannot train on one


def product_rate(device: torch.device, precision: str, side: int | None = None, seconds: float = 0.3) -> float:
    """Operations per second of square matrix products: the fastest of those made in so many seconds, two at least.

    Args:
        precision: `float32` or `bfloat16`.
        side: of the matrices.
    """
    side = side or SIDE.get(device.type, SIDE["cpu"])
    first, second = (torch.randn(side, side, device=device).to(getattr(torch, precision)) for _ in range(2))
    first @ second
    fastest, count, ends = float("inf"), 0, time.perf_counter() + seconds
    while count < 2 or time.perf_counter() < ends:
        wait_for(device)
        began = time.perf_counter()
        first @ second
        wait_for(device)
        fastest, count = min(fastest, time.perf_counter() - began), count + 1
    return 2 * side**3 / fastest


def operations_of_step(training: ConventionalTraining, images: Tensor, masks: Tensor, labels: Tensor) -> float:
    """Floating-point operations of the products in one training step, forward and backward, a multiply-add being two.

    Counted on the first two images of the batch and scaled. The gradients that it leaves are dropped.
    """
    network = training.network.train()
    few = [part[:COUNTED].to(training.device) for part in (images, masks, labels)]
    counter = FlopCounterMode(display=False)
    with sdpa_kernel(SDPBackend.MATH), counted_deformable(network) as deformable, counter:
        sum(training.losses(*few).values()).backward()
    training.optimiser.zero_grad()
    return (counter.get_total_flops() + 2 * PASSES * sum(deformable)) * len(images) / COUNTED
