"""Where a baseline's encoder gets its weights from: nowhere, its library's ImageNet weights, or a file."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from torch import nn

from benchmarks.errors import UserError

Network = TypeVar("Network", bound=nn.Module)

CLASSIFIER_PREFIXES = ("fc.", "classifier.", "head.", "last_linear.")


def with_encoder_weights(
    construct: Callable[[bool], Network],
    encoder_weights: str,
    encoder_of: Callable[[Network], nn.Module] = lambda network: network,
) -> Network:
    """The network that `construct(pretrained)` makes, its encoder initialised as `encoder_weights` says.

    Args:
        construct: builds the network through its library, which fetches its ImageNet weights when given True.
        encoder_weights: `"none"` (random), `"imagenet"`, or the path of a state dict (torch or safetensors).
        encoder_of: finds, within the network, the module that such a file describes.

    Raises:
        UserError: the ImageNet weights cannot be had, or the file is missing, unreadable or of another network.
    """
    if encoder_weights == "imagenet":
        try:
            return construct(True)
        # Three libraries and their download clients raise whatever they like; the cause stays chained.
        except Exception as error:
            raise UserError(
                f"encoder_weights: imagenet: the weights could not be fetched or used ({describe(error)}).\n"
                "Set encoder_weights to none, or to the path of a state dict that you have."
            ) from error
    network = construct(False)
    if encoder_weights != "none":
        load_file(encoder_of(network), Path(encoder_weights))
    return network


def load_file(encoder: nn.Module, path: Path) -> None:
    """Load a state dict into an encoder; a classifier of other classes, or none on one side, is left aside.

    Raises:
        UserError: the file is missing or unreadable, or its tensors are not the encoder's; they are named.
    """
    from timm.models import load_state_dict  # reads torch and safetensors files alike

    if not path.is_file():
        raise UserError(f"encoder_weights: expected none, imagenet or a file; {str(path)!r} does not exist.")
    try:
        state = load_state_dict(str(path), use_ema=False)
    except Exception as error:  # unpickling a file of another kind can fail in any way
        raise UserError(f"{path}: not a readable state dict ({describe(error)}).") from error
    own = encoder.state_dict()
    kept = {name: v for name, v in own.items() if name.startswith(CLASSIFIER_PREFIXES)}
    taken = {
        name: v
        for name, v in state.items()
        if not name.startswith(CLASSIFIER_PREFIXES) or (name in own and v.shape == own[name].shape)
    }
    try:
        encoder.load_state_dict(kept | taken)
    except RuntimeError as error:  # torch names every missing, unexpected and ill-shaped tensor
        raise UserError(f"{path}: these are not the weights of this encoder. {error}") from error


def describe(error: Exception) -> str:
    """The error's class and the first line of its message."""
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
