"""Memory: what a training step needs at least, what there is, and whether an error says that it was too little."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")
SAID = (  # by torch's CPU allocators and CUDA's libraries, in plain RuntimeErrors
    "can't allocate memory",
    "not enough memory",
    "out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, on either device."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(said in str(error) for said in SAID)


def available_bytes() -> int | None:
    """What this process may still take of the machine's memory, or of its container's; None where neither is told."""
    found = []
    if MEMINFO.is_file():
        lines = dict(line.split(":", 1) for line in MEMINFO.read_text(encoding="ascii").splitlines() if ":" in line)
        if "MemAvailable" in lines:
            found.append(1024 * int(lines["MemAvailable"].split()[0]))
    limit, used = CGROUP / "memory.max", CGROUP / "memory.current"
    if limit.is_file() and used.is_file() and (text := limit.read_text(encoding="ascii").strip()) != "max":
        found.append(max(0, int(text) - int(used.read_text(encoding="ascii"))))
    return min(found, default=None)


def kept_bytes(compute: Callable[[], Any]) -> int:
    """The bytes that a forward pass keeps for its gradients, each tensor's memory once: what a step needs at least."""
    sizes: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        sizes[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        result = compute()
    del result
    return sum(sizes.values())


def largest(fits: Callable[[int], bool], below: int) -> int:
    """The largest number below `below` that fits, if all smaller ones do; 0 where none does."""
    low, high = 0, below
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
