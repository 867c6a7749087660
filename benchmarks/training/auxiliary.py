"""What a network's heads and its auxiliary outputs lose, as a recipe has it."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.configuration import AuxiliaryLoss, Recipe, lookup
from benchmarks.errors import UserError
from benchmarks.networks import Outputs
from benchmarks.training.evaluation import task_losses
from benchmarks.training.losses import CLASSIFICATION_LOSSES, SEGMENTATION_LOSSES

Auxiliary = dict[str, AuxiliaryLoss]
TASK_LOSSES = {"segmentation": SEGMENTATION_LOSSES, "classification": CLASSIFICATION_LOSSES}


def recipe_losses(recipe: Recipe, outputs: Outputs, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """The recipe's loss for each head, those of auxiliary outputs added to the task that they serve.

    Raises:
        UserError: an auxiliary output is missing or of another kind.
    """
    losses = task_losses(recipe, outputs.mask, outputs.label, masks, labels)
    return with_auxiliary(losses, outputs.auxiliary, recipe.auxiliary_losses or {}, masks, labels)


def with_auxiliary(
    losses: dict[str, Tensor], auxiliary: dict[str, Any], settings: Auxiliary, masks: Tensor, labels: Tensor
) -> dict[str, Tensor]:
    """Losses by task with those of auxiliary outputs.

    Raises:
        UserError: an auxiliary output is missing or of another kind, or serves a task that the network has no head for.
    """
    for name, chosen in settings.items():
        if chosen.task not in losses:
            raise UserError(f"params.yaml: auxiliary_losses.{name}: the network has no head for {chosen.task}.")
        extra = auxiliary_loss(auxiliary, name, chosen, masks, labels)
        losses = losses | {chosen.task: losses[chosen.task] + chosen.weight * extra}
    return losses


def auxiliary_loss(
    auxiliary: dict[str, Any], name: str, settings: AuxiliaryLoss, masks: Tensor, labels: Tensor
) -> Tensor:
    """The loss of one entry of the dictionary that a network's forward returns, without its weight.

    Args:
        auxiliary: the dictionary.
        name: of the entry: logits (B, 1, h, w) for segmentation, of any size and brought to that of the masks
            (bilinearly), or (B, classes) for classification; a list of such counts each, in the mean.
        settings: the task that it serves, and the loss.
        masks, labels: (B, 1, H, W) of 0 and 1; (B,).

    Raises:
        UserError: the network returns nothing under that name, or something else.
    """
    where = f"params.yaml: auxiliary_losses.{name}"
    if name not in auxiliary:
        known = ", ".join(auxiliary) or "nothing"
        raise UserError(f"{where}: the network's forward returns no {name!r} in its dictionary, but {known}.")
    found = auxiliary[name]
    logits = list(found) if isinstance(found, list | tuple) else [found]
    loss = lookup(TASK_LOSSES[settings.task], settings.loss, f"{settings.task} loss", where)
    dimensions = 4 if settings.task == "segmentation" else 2
    if not logits or not all(isinstance(one, Tensor) and one.dim() == dimensions for one in logits):
        shape = "(B, 1, h, w)" if dimensions == 4 else "(B, classes)"
        raise UserError(f"{where}: expected logits {shape}, or a list of such, found {type(found).__name__}.")
    return torch.stack([loss(*pair_of(one, masks, labels)) for one in logits]).mean()


def pair_of(logits: Tensor, masks: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Logits, in float32 at least, and what they are compared with."""
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    if logits.dim() == 2:
        return logits, labels
    size = masks.shape[-2:]
    if logits.shape[-2:] != size:
        logits = functional.interpolate(logits, size=size, mode="bilinear", align_corners=False)
    return logits, masks
