"""What a network costs: parameters, multiply-adds, processor time per training step."""

import dataclasses
import time
from collections.abc import Generator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from acsnet.deformable_convolution import ModulatedDeformableConvolution
from benchmarks.configuration import Model, Recipe
from benchmarks.measuring.machine import processor
from benchmarks.networks import build, outputs_of, parameter_count
from benchmarks.training.evaluation import task_losses


def measure(model: Model, recipe: Recipe) -> dict:
    """Heads, parameters, multiply-adds at 256 pixels and seconds per training step of a model, from random weights."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network = build(dataclasses.replace(model, encoder_weights="none"))
    return {
        "heads": heads(network),
        "parameters": parameter_count(network),
        "multiply_adds": multiply_adds(network, 256),
        "seconds": seconds_per_step(network, recipe),
        "machine": f"{processor()} (torch {torch.__version__.partition('+')[0]})",
    }


def heads(network: nn.Module) -> str:
    """`both`, `segmentation` or `classification`."""
    with torch.no_grad():
        outputs = outputs_of(network.eval(), torch.zeros(1, 3, 64, 64))
    if outputs.mask is not None and outputs.label is not None:
        return "both"
    return "segmentation" if outputs.label is None else "classification"


def multiply_adds(network: nn.Module, side: int) -> int:
    """Multiply-adds of one forward pass on a square image; torch counts two operations for each."""
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), counted_deformable(network.eval()) as deformable, counter:
        network(torch.zeros(1, 3, side, side))
    return counter.get_total_flops() // 2 + sum(deformable)


@contextmanager
def counted_deformable(network: nn.Module) -> Generator[list[int]]:
    """The multiply-adds of each deformable convolution that runs meanwhile, for torch's counter knows none.

    Nor does it know the fused attention of the CPU: it must be switched off.
    """
    found: list[int] = []

    def count(module: ModulatedDeformableConvolution, _, output: Tensor) -> None:
        found.append(module.weight.numel() * output[:, 0].numel())

    hooks = [
        module.register_forward_hook(count)
        for module in network.modules()
        if isinstance(module, ModulatedDeformableConvolution)
    ]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


def seconds_per_step(network: nn.Module, recipe: Recipe, steps: int = 3) -> float:
    """The fastest of some training steps on eight images of 64 pixels, in seconds that the processor worked for it.

    Time on the clock would measure whatever else the machine does as well.
    """
    images = torch.randn(8, 3, 64, 64)
    masks = torch.zeros(8, 1, 64, 64)
    masks[..., 16:48, 20:40] = 1
    labels = torch.arange(8) % 2
    optimiser = torch.optim.Adam((p for p in network.parameters() if p.requires_grad), lr=1e-4)
    network.train()
    durations = []
    for _ in range(steps):
        began = time.process_time()
        if own_losses := getattr(network, "losses", None):
            losses = own_losses(images, masks, labels)
        else:
            outputs = outputs_of(network, images)
            losses = task_losses(recipe, outputs.mask, outputs.label, masks, labels)
        optimiser.zero_grad()
        sum(losses.values()).backward()
        optimiser.step()
        durations.append(time.process_time() - began)
    return min(durations)
