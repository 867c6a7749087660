"""What docs/contracts.md asks of a network, tried on two images before it trains; a breach is told in one line."""

import dataclasses
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.configuration import TASKS, Model
from benchmarks.errors import UserError
from benchmarks.networks import HasLosses, build

RETURNED = "expected (mask logits or None, class logits or None, a dictionary)"


def check_contract(model: Model, classes: int, side: int, device: torch.device) -> None:
    """Build a model's network from random weights and look at what it gives for square images.

    Raises:
        UserError: outputs or losses are not those of the contract. What the network's own code raises is let through.
    """
    network = build(dataclasses.replace(model, encoder_weights="none"), classes).to(device)
    if fault := fault_of(network, classes, side):
        raise UserError(f"{model.network}: {fault}. See docs/contracts.md; pytest tests/test_network_contract.py.")


@torch.no_grad()
def fault_of(network: nn.Module, classes: int, side: int) -> str | None:
    """What a network, put into training mode, gives for two images of `side` pixels that it should not, or None."""
    device = next(network.parameters(), torch.empty(0)).device
    images, masks, labels = torch.randn(2, 3, side, side), torch.zeros(2, 1, side, side), torch.tensor([0, 1])
    masks[..., side // 4 : side // 2, side // 4 : side // 2] = 1
    images, masks, labels = (tensor.to(device) for tensor in (images, masks, labels))
    outputs = network.train()(images)
    if fault := fault_of_outputs(outputs, classes, side):
        return fault
    if not isinstance(network, HasLosses):
        return None
    heads = [task for task, logits in zip(TASKS, outputs[:2], strict=True) if logits is not None]
    return fault_of_losses(network.losses(images, masks, labels), heads)


def fault_of_outputs(outputs: Any, classes: int, side: int) -> str | None:
    """What is wrong with the outputs for two images, or None."""
    if not (isinstance(outputs, tuple) and len(outputs) == 3 and isinstance(outputs[2], dict)):
        return f"forward: {RETURNED}, found {described(outputs)}"
    mask_logits, class_logits, _ = outputs
    if mask_logits is None and class_logits is None:
        return f"forward: {RETURNED}, found None for both: a network needs a head"
    expected = {"mask logits": (mask_logits, (2, 1, side, side)), "class logits": (class_logits, (2, classes))}
    for name, (logits, shape) in expected.items():
        if logits is None:
            continue
        if not isinstance(logits, Tensor) or tuple(logits.shape) != shape:
            return f"forward: {name}: expected {shape} for two images of {side} pixels, found {described(logits)}"
        if not logits.isfinite().all():
            return f"forward: {name}: expected finite numbers, found NaN or infinity from random weights"
    return None


def fault_of_losses(losses: Any, heads: list[str]) -> str | None:
    """What is wrong with a network's own losses, or None."""
    if not isinstance(losses, dict) or set(losses) != set(heads):
        found = f"the keys {', '.join(map(str, losses))}" if isinstance(losses, dict) else described(losses)
        return f"losses: expected a dictionary with the keys {', '.join(heads)}, found {found}"
    for task, loss in losses.items():
        if not isinstance(loss, Tensor) or loss.numel() != 1:
            return f"losses: {task}: expected a scalar tensor, found {described(loss)}"
    return None


def described(value: Any) -> str:
    """A value's kind, and its shape or its parts' where it has some."""
    if isinstance(value, Tensor):
        return f"a tensor {tuple(value.shape)}"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {', '.join(described(part) for part in value) or 'nothing'}"
    return "None" if value is None else f"a {type(value).__name__}"
