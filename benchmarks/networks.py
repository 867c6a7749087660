"""Build the network that a model of `params.yaml` names. The contract: docs/contracts.md."""

import importlib
import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from benchmarks.configuration import Model
from benchmarks.errors import UserError


class Outputs(NamedTuple):
    """What a network's forward returns: logits of the lesion mask and of the classes, and whatever its loss needs."""

    mask: Tensor | None  # (B, 1, H, W)
    label: Tensor | None  # (B, classes)
    auxiliary: dict


@runtime_checkable
class HasLosses(Protocol):
    """A network with losses of its own."""

    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]: ...


@runtime_checkable
class StartsFromTasks(Protocol):
    """A network that may begin from networks trained on one task each."""

    def initialise_from_tasks(self, **states: Mapping[str, Tensor]) -> None: ...


@runtime_checkable
class HasParameterGroups(Protocol):
    """A network that says how its parts are learned beside each other.

    Its groups hold each learned parameter once: `params`, and `factor` (of the recipe's learning rate) and
    `weight_decay` where they differ from the recipe's.
    """

    def parameter_groups(self) -> list[dict[str, Any]]: ...


def network_class(network: str) -> type[nn.Module]:
    """The class behind `module:Class`.

    Raises:
        UserError: the text has another form, or the module or the class does not exist.
    """
    module_name, _, class_name = network.partition(":")
    if not class_name:
        raise UserError(f"params.yaml: network: expected 'module:Class', found {network!r}.")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise UserError(f"params.yaml: network {network!r}: {error}. Is the file under baselines/?") from error
    if not hasattr(module, class_name):
        raise UserError(f"params.yaml: network {network!r}: {module.__file__} defines no {class_name}.")
    return getattr(module, class_name)


def build(model: Model, classes: int = 2, encoder_weights: str = "none") -> nn.Module:
    """Construct a model's network; the model's own `encoder_weights` win over the argument.

    `encoder_weights` reaches only networks whose constructor takes it: the others have no such encoder.
    """
    network = network_class(model.network)
    accepted = inspect.signature(network.__init__).parameters
    arguments = dict(model.arguments)
    if "encoder_weights" in accepted:
        arguments.setdefault("encoder_weights", model.encoder_weights or encoder_weights)
    try:
        return network(classes=classes, **arguments)
    except TypeError as error:
        takes = ", ".join(name for name in accepted if name not in ("self", "classes"))
        raise UserError(f"params.yaml: {model.network}: {error}. It takes: {takes or 'no arguments'}.") from error
    except (ValueError, RuntimeError) as error:
        raise UserError(f"params.yaml: {model.network}: {error}") from error


def parameter_count(network: nn.Module) -> int:
    """Trainable parameters, the number that a network's card states."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def expected_parameters(model: Model) -> int:
    """The count that the model's entry states, else the one on its network's card.

    Raises:
        UserError: neither states one.
    """
    stated = model.parameters or getattr(network_class(model.network), "expected_parameters", None)
    if stated is None:
        raise UserError(f"{model.network} states no expected_parameters and its entry in params.yaml no parameters.")
    return stated


def outputs_of(network: nn.Module, images: Tensor) -> Outputs:
    """`network(images)` as `Outputs`, logits in float32 at least, whatever the precision of the forward pass."""
    mask, label, auxiliary = network(images)
    return Outputs(at_least_single(mask), at_least_single(label), auxiliary)


def at_least_single(logits: Tensor | None) -> Tensor | None:
    """Half precision as float32, anything finer as it is."""
    return None if logits is None else logits.to(torch.promote_types(logits.dtype, torch.float32))
