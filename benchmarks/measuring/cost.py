"""What a network costs: parameters, multiply-adds, processor time per training step."""

import dataclasses
import platform
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from acsnet.deformable_convolution import ModulatedDeformableConvolution
from benchmarks.configuration import Model, Recipe
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
    deformable = 0

    def count(module: ModulatedDeformableConvolution, _, output: Tensor) -> None:
        nonlocal deformable
        deformable += module.weight.numel() * output[0, 0].numel()

    hooks = [
        module.register_forward_hook(count)
        for module in network.eval().modules()
        if isinstance(module, ModulatedDeformableConvolution)
    ]
    # The counter knows no deformable convolution, nor the fused attention of the CPU.
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), counter:
        network(torch.zeros(1, 3, side, side))
    for hook in hooks:
        hook.remove()
    return counter.get_total_flops() // 2 + deformable


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


def processor() -> str:
    """The processor's name."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
