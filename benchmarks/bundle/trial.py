"""How fast a cell trains on this machine, from a few steps of a network that is thrown away."""

import dataclasses
import time

import torch

from benchmarks.bundle.schedule import Speed
from benchmarks.configuration import Parameters
from benchmarks.measuring.machine import peak_memory
from benchmarks.measuring.speed.devices import wait_for
from benchmarks.training import augmentation, behaviour, external
from benchmarks.training.cell import Cell
from benchmarks.training.data import Cases, grey_levels, normalise
from benchmarks.training.memory import available_bytes
from benchmarks.training.trainer import Trainer

STEPS = 3
CONTEXT = 700 * 2**20  # bytes of a GPU that CUDA takes for each process, beside torch's tensors
FORWARD = 1 / 3  # of a training step's time, what a forward pass costs


class Steps:
    """Training steps on one batch, the first of which has been made."""

    def __init__(self, parameters: Parameters, cell: Cell, cases: Cases, seed: int, fold: int):
        """Raises `UserError` where the network cannot be built, and what torch raises where a step fails."""
        self.trainer = Trainer(cell, cases, seed, fold, behaviour.sources(parameters, cell))
        size = cell.benchmark.training.batch_size
        self.at = torch.from_numpy(cases.positions(fold, "train"))[:size].to(self.trainer.device)
        self.matrices = augmentation.draw(cell.recipe.augmentation, len(self.at), torch.Generator().manual_seed(0))
        self.trainer.network.train()
        self.seconds(1)

    def seconds(self, steps: int) -> float:
        """Of so many steps."""
        wait_for(self.trainer.device)
        began = time.perf_counter()
        for _ in range(steps):
            self.trainer.step(self.at, self.matrices)
        wait_for(self.trainer.device)
        return time.perf_counter() - began

    def rate(self, seconds: float) -> float:
        """Steps per second, made for about so long."""
        made, taken = 0, 0.0
        while taken < seconds:
            taken += self.seconds(1)
            made += 1
        return made / taken

    def files(self) -> int:
        """Bytes of the files that the run leaves when it is interrupted: its state, and the weights selected so far."""
        state = self.trainer.state()
        return tensor_bytes(state) + tensor_bytes(state["network"])


def tensor_bytes(content: object) -> int:
    """Of all tensors in nested dictionaries and lists."""
    if isinstance(content, torch.Tensor):
        return content.numel() * content.element_size()
    if isinstance(content, dict):
        content = list(content.values())
    return sum(map(tensor_bytes, content)) if isinstance(content, (list, tuple)) else 0


def measure(
    parameters: Parameters, cell: Cell, cases: Cases, seed: int, fold: int, test_on: list[str], share: bool
) -> tuple[Speed, dict]:
    """The speed of a cell, and what is reported of it; with `share`, its share of the device's ceiling as well."""
    device = cases.images.device
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    began = time.perf_counter()
    steps = Steps(parameters, cell, cases, seed, fold)
    start, per_step = time.perf_counter() - began, steps.seconds(STEPS) / STEPS
    roles = {role: len(cases.positions(fold, role)) for role in ("train", "validation", "test")}
    elsewhere = sum(len(external.load_external(d, cell, torch.device("cpu")).cases.table) for d in test_on)
    per_case = per_step / cell.benchmark.training.batch_size
    epoch = per_case * (roles["train"] + FORWARD * (roles["validation"] + roles["test"]))
    speed = Speed(epoch, start, per_case * FORWARD * elsewhere, memory_of(device), steps.files())
    told = {
        "network": cell.model.network,
        "benchmark": cell.benchmark_name,
        "image_size": cell.benchmark.image_size,
        "batch_size": len(steps.at),
        "precision": cell.benchmark.training.precision,
        "seconds_per_step": per_step,
        **dataclasses.asdict(speed),
    }
    return speed, told | (share_of_ceiling(cell, steps, per_step) if share else {})


def memory_of(device: torch.device) -> int:
    """Bytes that this process has held at most, on a GPU those of the GPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device) + CONTEXT
    return int(peak_memory() * 2**30)


def free_memory(device: torch.device) -> float:
    """Bytes that processes may still take of the device."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return available_bytes() or float("inf")


def share_of_ceiling(cell: Cell, steps: Steps, per_step: float) -> dict[str, float]:
    """Operations of a step, and their share of what the device computes of matrix products in the same time."""
    from benchmarks.measuring.speed.ceiling import operations_of_step, product_rate  # they take torchvision's seconds

    trainer, cases, precision = steps.trainer, steps.trainer.cases, cell.benchmark.training.precision
    grey = grey_levels(cases.images[steps.at])
    operations = operations_of_step(
        trainer, normalise(grey, cell.normalisation), cases.masks[steps.at].to(grey.dtype), cases.labels[steps.at]
    )
    ceiling = product_rate(trainer.device, precision)
    return {
        "operations_per_step": operations,
        "operations_per_second": operations / per_step,
        "ceiling_operations_per_second": ceiling,
        "share_of_ceiling": operations / per_step / ceiling,
    }
