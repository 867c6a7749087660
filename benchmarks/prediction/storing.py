"""A network's tensors in fewer bytes: in half precision, or as whole numbers of twelve and ten bits.

What few weights make up, and what acts on a channel alone, stays in float32: biases, running statistics, depthwise
kernels, small layers. Of EfficientNet-Lite0 they are a sixteenth of the weights, and rounding them to half precision
changes the predictions more than ten bits do for the others.
"""

from typing import Literal

import numpy as np
import torch
from torch import Tensor

from benchmarks.errors import UserError

Stored = Literal["float32", "float16", "packed"]
SMALL = 12_000  # numbers; what is below stays in float32
LARGE = 200_000  # numbers; what is above has ten bits, since many inputs of a layer average their rounding out
BITS, BITS_OF_LARGE = 12, 10
PACKED, SCALE = "::packed", "::scale"  # what stands for a tensor that is packed: bytes, and a factor for each output
Shapes = dict[str, tuple[int, ...]]


def stays(tensor: Tensor) -> bool:
    """Whether a tensor is kept in full: no weights of a layer, few of them, or a kernel for each channel alone."""
    return not tensor.is_floating_point() or tensor.ndim < 2 or tensor.shape[1] == 1 or tensor.numel() < SMALL


def store(state: dict[str, Tensor], how: Stored, name: str) -> tuple[dict[str, Tensor], Shapes]:
    """The tensors to write, and the shapes of those that are packed.

    Raises:
        UserError: under `name`, a weight is beyond float16.
    """
    tensors: dict[str, Tensor] = {}
    shapes: Shapes = {}
    for key, tensor in state.items():
        tensor = tensor.detach().cpu().contiguous()
        if how == "float32" or stays(tensor):
            tensors[key] = tensor
        elif how == "float16":
            tensors[key] = tensor.half()
            if not tensors[key].isfinite().all():
                raise UserError(
                    f"{name}: {key} has a weight beyond what half precision holds. Export it without --half."
                )
        else:
            tensors[key + PACKED], tensors[key + SCALE] = pack(tensor, bits_of(tensor.shape))
            shapes[key] = tuple(tensor.shape)
    return tensors, shapes


def restore(tensors: dict[str, Tensor], shapes: Shapes) -> dict[str, Tensor]:
    """The state that was stored, in float32.

    Raises:
        KeyError, ValueError, RuntimeError: the tensors are not those that `store` made.
    """
    state = {
        key: tensor.float() if tensor.dtype == torch.float16 else tensor
        for key, tensor in tensors.items()
        if not key.endswith((PACKED, SCALE))
    }
    for key, shape in shapes.items():
        state[key] = unpack(tensors[key + PACKED], tensors[key + SCALE], shape, bits_of(shape))
    return state


def bits_of(shape: tuple[int, ...]) -> int:
    return BITS_OF_LARGE if int(np.prod(shape)) > LARGE else BITS


def pack(tensor: Tensor, bits: int) -> tuple[Tensor, Tensor]:
    """A tensor (outputs, ...) as whole numbers of so many bits, one after another, and a scale for each output.

    A number times its output's scale is the weight, to half of the scale; the largest of an output is exact.
    """
    rows = tensor.flatten(1).double()
    most = 2 ** (bits - 1) - 1
    scale = (rows.abs().amax(1) / most).float()
    scale[scale == 0] = 1
    whole = torch.round(rows / scale.double()[:, None]).clamp(-most, most).long() + most
    words = whole.flatten().numpy().astype(">u2").view(np.uint8).reshape(-1, 2)
    return torch.from_numpy(np.packbits(np.unpackbits(words, axis=1)[:, 16 - bits :])), scale


def unpack(packed: Tensor, scale: Tensor, shape: tuple[int, ...], bits: int) -> Tensor:
    """The tensor that was packed."""
    count, most = int(np.prod(shape)), 2 ** (bits - 1) - 1
    words = np.zeros((count, 16), np.uint8)
    words[:, 16 - bits :] = np.unpackbits(packed.numpy(), count=count * bits).reshape(count, bits)
    whole = np.packbits(words, axis=1).view(">u2").astype(np.int64).reshape(shape[0], -1) - most
    return (torch.from_numpy(whole).double() * scale.double()[:, None]).float().reshape(shape)
