"""What docs/contracts.md asks of a network, tried on two images before it trains; a breach is told in one line.

`tests/test_network_contract.py` calls the same functions for every model of params.yaml.
"""

import dataclasses
import traceback
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.configuration import TASKS, Model
from benchmarks.errors import UserError
from benchmarks.networks import HasLosses, build
from benchmarks.training.auxiliary import Auxiliary
from benchmarks.training.checks.card import fault_of_card
from benchmarks.training.checks.evaluation_mode import fault_of_evaluation, fault_of_modes, fault_of_seeding
from benchmarks.training.checks.two_images import EXEMPTION, fault_of_fit

RETURNED = "expected (mask logits or None, class logits or None, a dictionary)"


def check_contract(
    model: Model, classes: int, side: int, device: torch.device, auxiliary: Auxiliary | None = None
) -> None:
    """Build a model's network from random weights, look at what it gives for square images, and train it for a moment.

    Torch's random numbers are left as they were.

    Args:
        model: the entry in params.yaml.
        classes: of the benchmark.
        side: of the benchmark's images in pixels.
        device: that will train.
        auxiliary: the recipe's losses of what forward returns in its dictionary.

    Raises:
        UserError: the network does not keep the contract. What the network's own code raises is let through.
    """
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        network = from_random_weights(model, classes, device, seed=0)
        fault = (
            fault_of_card(model, network)
            or fault_of_modes(network)
            or fault_of(network, classes, side)
            or fault_of_seeding(network)
            or fault_of_fit(network, auxiliary)
            or fault_of_evaluation(
                network,
                lambda: from_random_weights(model, classes, device, seed=1),
                learned=not getattr(network, EXEMPTION, None),
            )
        )
    if fault:
        raise UserError(f"{model.network}: {fault}. See docs/contracts.md; pytest tests/test_network_contract.py.")


def from_random_weights(model: Model, classes: int, device: torch.device, seed: int) -> nn.Module:
    """A model's network, without pretrained weights even where the model asks for them."""
    torch.manual_seed(seed)
    arguments = {name: value for name, value in model.arguments.items() if name != "encoder_weights"}
    return build(dataclasses.replace(model, arguments=arguments, encoder_weights="none"), classes).to(device)


def told(error: BaseException, model: Model) -> str:
    """What the network's own code raised, and where in its file, in one line."""
    module = model.network.partition(":")[0].replace(".", "/")
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.removesuffix(".py").endswith(module)] or frames
    place = f", {'/'.join(own[-1].filename.split('/')[-2:])} line {own[-1].lineno}" if own else ""
    message = " ".join(str(error).split())
    return (
        f"{model.network}{place}: {type(error).__name__}: {message if len(message) <= 300 else message[:300] + ' ...'}"
    )


@torch.no_grad()
def fault_of(network: nn.Module, classes: int, side: int) -> str | None:
    """What a network gives for two images of `side` pixels that it should not, in training mode and in evaluation
    mode, in which it is left, or None."""
    device = next(network.parameters(), torch.empty(0)).device
    images, masks, labels = torch.randn(2, 3, side, side), torch.zeros(2, 1, side, side), torch.tensor([0, 1])
    masks[..., side // 4 : side // 2, side // 4 : side // 2] = 1
    images, masks, labels = (tensor.to(device) for tensor in (images, masks, labels))
    outputs = network.train()(images)
    if fault := fault_of_outputs(outputs, classes, side):
        return fault
    heads = heads_of(outputs)
    if isinstance(network, HasLosses) and (fault := fault_of_losses(network.losses(images, masks, labels), heads)):
        return fault
    outputs = network.eval()(images)
    if fault := fault_of_outputs(outputs, classes, side):
        return f"evaluation mode: {fault}"
    if heads_of(outputs) != heads:
        found = " and ".join(heads_of(outputs))
        return f"evaluation mode: expected the heads of training mode, {' and '.join(heads)}, found {found}"
    return None


def heads_of(outputs: tuple) -> list[str]:
    """The tasks that outputs have logits for."""
    return [task for task, logits in zip(TASKS, outputs[:2], strict=True) if logits is not None]


def fault_of_outputs(outputs: Any, classes: int, side: int, images: int = 2) -> str | None:
    """What is wrong with the outputs for one or two images, or None."""
    if not (isinstance(outputs, tuple) and len(outputs) == 3 and isinstance(outputs[2], dict)):
        return f"forward: {RETURNED}, found {described(outputs)}"
    mask_logits, class_logits, _ = outputs
    if mask_logits is None and class_logits is None:
        return f"forward: {RETURNED}, found None for both: a network needs a head"
    expected = {
        "mask logits": (mask_logits, (images, 1, side, side)),
        "class logits": (class_logits, (images, classes)),
    }
    told = f"{'two images' if images == 2 else 'an image'} of {side} pixels"
    for name, (logits, shape) in expected.items():
        if logits is None:
            continue
        if not isinstance(logits, Tensor) or tuple(logits.shape) != shape:
            return f"forward: {name}: expected {shape} for {told}, found {described(logits)}"
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
