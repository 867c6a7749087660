"""A network in other precisions than float32: float64 to the last operation, bfloat16 where autocast chooses it."""

from collections.abc import Generator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from benchmarks.training.checks.batch import CannotBeTried, TrainingLosses, made_up_batch


class Float32Operations(TorchDispatchMode):
    """Notes the operations that give float32 tensors, but of numbers that float32 and float64 hold alike: whole ones
    (labels, coordinates of pixels) and halves of halves of them (strides)."""

    def __init__(self):
        super().__init__()
        self.names: set[str] = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # torch's own names
        given = func(*args, **(kwargs or {}))
        tensors = [t for t in tree_leaves(given) if isinstance(t, Tensor) and t.dtype == torch.float32]
        if "empty" not in str(func) and any(bool(torch.frac(torch.mul(t, 1024)).any()) for t in tensors):
            self.names.add(str(func))
        return given


@contextmanager
def float64_by_default() -> Generator[None]:
    """float64 where nothing else is said; as before afterwards."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def float32_operations(network: nn.Module) -> tuple[set[str], list[Tensor]]:
    """What the losses, their gradients and an evaluation compute in float32, and the tensors that they give.

    Args:
        network: built and called in float64.
    """
    images, masks, labels = made_up_batch(2, 64)
    with Float32Operations() as operations:
        losses = TrainingLosses(network.train())(images, masks, labels)
        torch.stack([loss.sum() for loss in losses.values()]).sum().backward()
        logits = evaluated(network, images)
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    return operations.names, [*losses.values(), *gradients, *logits]


def fault_of_float64(network: nn.Module) -> str | None:
    """Whether a network that was built in float64, and is called in it, computes in float32 on the way."""
    names, given = float32_operations(network)
    if names:
        return f"in float64 it makes float32 tensors ({', '.join(sorted(names)[:3])}): take the images' precision"
    kinds = {str(tensor.dtype) for tensor in given} - {"torch.float64"}
    return f"in float64 it gives {', '.join(sorted(kinds))}" if kinds else None


def fault_of_bfloat16(network: nn.Module) -> str | None:
    """Whether a network gives what is not finite under autocast to bfloat16.

    Raises:
        CannotBeTried: an operator has no bfloat16 kernel on the CPU.
    """
    images, _, _ = made_up_batch(2, 64)
    try:
        with torch.autocast("cpu", torch.bfloat16):
            logits = evaluated(network, images)
    except (RuntimeError, NotImplementedError) as error:
        if "not implemented for 'BFloat16'" not in str(error):
            raise
        raise CannotBeTried(f"no bfloat16 kernel on the CPU: {error}") from error
    return None if all(each.isfinite().all() for each in logits) else "in bfloat16 it gives NaN or infinity"


def evaluated(network: nn.Module, images: Tensor) -> list[Tensor]:
    """The logits that the network gives in evaluation mode, those of a head that it lacks left out."""
    with torch.no_grad():
        mask_logits, class_logits, _ = network.eval()(images)
    return [logits for logits in (mask_logits, class_logits) if logits is not None]
