"""In which precision a network trains, and how its tensors lie in memory.

The precision belongs to the benchmark, since it moves results. The layout moves them by the order of additions, and by
which elements dropout drops: torch draws them in the order of memory.
"""

import platform

import torch

from benchmarks.configuration import Engine
from benchmarks.errors import UserError

X86 = ("AMD64", "i386", "i686", "x86_64")


def autocast(precision: str, device: torch.device, where: str) -> torch.autocast:
    """A context in which convolutions and matrix products take the precision that a benchmark states.

    Parameters, optimiser, losses and the statistics of batch normalisation stay in float32.

    Args:
        precision: `"float32"` or `"bfloat16"`.
        device: that trains.
        where: the place in params.yaml that states it.

    Raises:
        UserError: the device has no instructions for bfloat16, which it would imitate many times slower.
    """
    wanted = precision == "bfloat16"
    if wanted and not has_bfloat16(device):
        raise UserError(
            f"params.yaml: {where}: bfloat16 asked for, but this {device.type.upper()} has no instructions for it and "
            "would imitate it, many times slower. Train elsewhere, or train a benchmark that states float32: the "
            "precision moves results, so it is not changed for you."
        )
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=wanted)


def has_bfloat16(device: torch.device) -> bool:
    """Whether a device computes in bfloat16 by itself.

    Of x86 processors, oneDNN says so of all with AVX-512, and imitates it on most: ACSNet's step takes three times as
    long there as in float32.
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu" or not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return False
    return platform.machine() not in X86 or torch.cpu._is_avx512_bf16_supported()


def memory_format(engine: Engine, device: torch.device) -> torch.memory_format:
    """Channels last where the engine says so; left to itself, where it pays.

    It does on a GPU and on processors with AVX-512. On those with AVX2 alone, the gradient of a convolution's weight
    takes four times as long in this layout.
    """
    wanted = engine.channels_last
    if wanted == "auto":
        wanted = device.type == "cuda" or "AVX512" in torch.backends.cpu.get_cpu_capability()
    return torch.channels_last if wanted else torch.contiguous_format
