"""What produced a run: versions, device, backends, commit."""

import platform
import resource
import subprocess
from importlib import metadata
from typing import Protocol, runtime_checkable

import torch
from torch import nn

PACKAGES = ("torch", "torchvision", "mmcv", "segmentation-models-pytorch", "timm", "numpy")


@runtime_checkable
class HasOperators(Protocol):
    """A layer that one of several operators computes."""

    def backend(self, device_type: str) -> str: ...


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that a result may depend on; absent ones are left out."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def git_commit() -> str:
    """The commit of the working tree, marked `-dirty` if the code differs from it; `unknown` outside a clone."""
    try:
        commit = subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, encoding="utf-8", check=True
        ).stdout.strip()
        code = ["git", "status", "--porcelain", "--", "acsnet", "baselines", "benchmarks", "params.yaml"]
        changed = subprocess.run(code, capture_output=True, encoding="utf-8", check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit}-dirty" if changed else commit


def device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{platform.machine()} CPU"


def peak_memory(device: torch.device) -> int:
    """Bytes: of the device's allocator on CUDA, of the process elsewhere."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def deformable_backend(network: nn.Module) -> str | None:
    """The deformable-convolution operator that the network uses on its device, None if it has no such layer."""
    device_type = next(network.parameters()).device.type
    return next((module.backend(device_type) for module in network.modules() if isinstance(module, HasOperators)), None)
