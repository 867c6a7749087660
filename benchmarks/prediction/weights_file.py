"""Files of weights: safetensors, which hold tensors and text and run nothing when they are read.

The text under the key `acsbench` is the network's `Description`, as JSON. A file is refused by name where it is cut
short, where its tensors are not those that it was written with, or where it is of a network that is not known here.
"""

import dataclasses
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from benchmarks.configuration import Engine, Model, Parameters
from benchmarks.errors import UserError
from benchmarks.networks import build
from benchmarks.prediction.description import Description, from_text, to_text
from benchmarks.prediction.storing import restore, store
from benchmarks.training.external import state_digest
from benchmarks.training.precision import memory_format
from benchmarks.whole_files import write

KEY = "acsbench"
AGAIN = "Fetch or export it again (`acsbench weights --help`)."


def write_weights(path: Path, state: dict[str, Tensor], description: Description) -> None:
    """Write a network's tensors, stored as the description says, and the description: the whole file or none of it.

    Raises:
        UserError: it cannot be written, or a weight is beyond float16.
    """
    tensors, shapes = store(state, description.stored, str(path))
    text = to_text(dataclasses.replace(description, tensors=state_digest(tensors), packed=shapes))

    def save(partial: Path) -> None:
        save_file(tensors, partial, {KEY: text, "format": "pt"})
        partial.chmod(0o644)  # the library leaves it to its owner alone

    write(path, save)


def read_description(path: Path) -> Description:
    """What a file says of its network; reads its head alone.

    Raises:
        UserError: it is missing or cut short, or no such file.
    """
    try:
        with safe_open(path, "pt") as file:
            return from_text((file.metadata() or {})[KEY])
    except FileNotFoundError as error:
        raise UserError(f"{path}: not found.") from error
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        said = f"{type(error).__name__}: {error}"
        raise UserError(
            f"{path}: expected weights that `acsbench weights export` wrote, found: {said}. {AGAIN}"
        ) from error


def read_state(path: Path, description: Description) -> dict[str, Tensor]:
    """A file's tensors, in float32.

    Raises:
        UserError: they are not those that were written.
    """
    try:
        with safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (it has no other way)
        if (found := state_digest(tensors)) == description.tensors:
            return restore(tensors, description.packed)
    except (OSError, SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise UserError(f"{path}: cannot be read: {error}. {AGAIN}") from error
    raise UserError(f"{path}: expected tensors of digest {description.tensors}, found {found}: changed. {AGAIN}")


def load_file(path: Path, parameters: Parameters, device: torch.device) -> tuple[Description, nn.Module]:
    """The network of a file, on a device.

    Raises:
        UserError: the file is damaged, or of a network that `params.yaml` does not have.
    """
    description = read_description(path)
    check_known(path, description, parameters)
    # What an encoder begins with is overwritten, so nothing is fetched, whatever the file says.
    arguments = {name: value for name, value in description.arguments.items() if name != "encoder_weights"}
    network = build(Model(description.network, arguments), len(description.classes), "none")
    try:
        network.load_state_dict(read_state(path, description))
    except RuntimeError as error:
        raise UserError(
            f"{path}: the tensors of another network than {description.network} as it is here: {str(error)[:500]}"
        ) from error
    return description, placed(network, parameters.engine, device)


def check_known(path: Path, description: Description, parameters: Parameters) -> None:
    """A file may name the networks of `params.yaml` alone: what it names is imported and called."""
    if description.network not in {model.network for model in parameters.models.values()}:
        raise UserError(
            f"{path}: of the network {description.network}, which no model of params.yaml has. If you trust the file, "
            "add the network: docs/add-a-baseline.md."
        )


def placed(network: nn.Module, engine: Engine, device: torch.device) -> nn.Module:
    """A network on its device, in the layout in which the engine evaluates there."""
    # torch's annotations of `to` know no memory format
    return network.to(device, memory_format=memory_format(engine, device)).eval()  # ty: ignore[no-matching-overload]
