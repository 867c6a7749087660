"""Whether a network keeps to its device, tried on tensors without values that are said to lie on a GPU.

torch refuses an operation between two devices on such tensors too, so no GPU is needed.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    FakeTensorMode,
    UnsupportedOperatorException,
)

from benchmarks.training.checks.batch import CannotBeTried, TrainingLosses, made_up_batch

# .numpy() raises a plain RuntimeError in torch 2.11, which is told by its text; an operator of an extension may have no
# form without values.
DEPEND_ON_VALUES = (
    DynamicOutputShapeException,
    DataDependentOutputException,
    UnsupportedOperatorException,
    NotImplementedError,
)


def fault_of_device(network: nn.Module) -> str | None:
    """Whether a network makes tensors on another device than its own; its losses are tried too where they can be.

    Raises:
        CannotBeTried: the shapes within depend on values.
    """
    try:
        try:
            found = list(losses_on_an_imagined_gpu(network).values())
        except DEPEND_ON_VALUES:
            found = on_an_imagined_gpu(network, made_up_batch(2, 64)[:1])[:2]
    except DEPEND_ON_VALUES as error:
        raise CannotBeTried(f"its shapes depend on values ({type(error).__name__})") from error
    except RuntimeError as error:
        if "device" not in str(error):
            raise
        return f"on a GPU it mixes devices: {' '.join(str(error).split())[:200]}; give new tensors the device of others"
    kinds = {tensor.device.type for tensor in found if tensor is not None}
    return None if kinds == {"cuda"} else f"on a GPU its outputs lie on {', '.join(sorted(kinds))}"


def losses_on_an_imagined_gpu(network: nn.Module) -> dict[str, Tensor]:
    return on_an_imagined_gpu(TrainingLosses(network), made_up_batch(2, 64))


def on_an_imagined_gpu(module: nn.Module, tensors: Sequence[Tensor]) -> Any:
    """What a module in training mode gives for tensors without values, said to lie on a GPU as its own do."""
    state = dict([*module.named_parameters(), *module.named_buffers()])
    kinds = {name: (tensor.shape, tensor.dtype) for name, tensor in state.items()}
    given_kinds = [(tensor.shape, tensor.dtype) for tensor in tensors]
    module.train()
    try:
        with FakeTensorMode():
            state = {name: torch.empty(shape, dtype=dtype, device="cuda") for name, (shape, dtype) in kinds.items()}
            given = tuple(torch.empty(shape, dtype=dtype, device="cuda") for shape, dtype in given_kinds)
            return torch.func.functional_call(module, state, given)
    except RuntimeError as error:
        if ".numpy() is not supported" in str(error):
            raise NotImplementedError(str(error)) from error
        raise
    finally:
        module.eval()
