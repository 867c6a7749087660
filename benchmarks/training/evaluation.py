"""Evaluate a network on some cases: integer counts and probabilities on the device, one copy to the host at the end."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.configuration import Normalisation, Recipe, lookup
from benchmarks.networks import outputs_of
from benchmarks.protocols.selection import dice_from_counts
from benchmarks.training.data import Cases, grey_levels, normalise
from benchmarks.training.losses import CLASSIFICATION_LOSSES, SEGMENTATION_LOSSES


@dataclass(frozen=True)
class Evaluation:
    """Per-case results in the order of `positions`; parts that a network has no head for are None."""

    positions: np.ndarray
    counts: dict[str, np.ndarray] | None  # intersection, predicted, truth: pixels per case
    masks: np.ndarray | None  # (n, S, S) bool
    probabilities: np.ndarray | None  # of the malignant class
    accuracy: float
    loss: float  # unweighted sum of the recipe's losses
    faults: tuple[str, ...] = ()  # what no network may give, in words

    @property
    def dice(self) -> float:
        if self.counts is None:
            return float("nan")
        return float(dice_from_counts(**self.counts).mean())


def task_losses(recipe: Recipe, mask: Tensor | None, label: Tensor | None, masks: Tensor, labels: Tensor) -> dict:
    """The recipe's loss for each head that the network has."""
    losses = {}
    if mask is not None:
        chosen = lookup(SEGMENTATION_LOSSES, recipe.losses["segmentation"], "segmentation loss")
        losses["segmentation"] = chosen(mask, masks)
    if label is not None:
        chosen = lookup(CLASSIFICATION_LOSSES, recipe.losses["classification"], "classification loss")
        losses["classification"] = chosen(label, labels)
    return losses


@torch.no_grad()
def evaluate(
    network: nn.Module,
    cases: Cases,
    positions: np.ndarray,
    normalisation: Normalisation,
    recipe: Recipe,
    autocast: torch.autocast,
    batch_size: int = 32,
) -> Evaluation:
    """Run the network in evaluation mode over the cases at `positions` and leave it there."""
    network.eval()
    counts, masks, probabilities, correct = [], [], [], []
    unfit: dict[str, list[Tensor]] = {"mask": [], "class": []}  # for each chunk, how many cases have NaN or infinity
    total_loss = torch.zeros((), device=cases.images.device)
    chunks = max(1, -(-len(positions) // batch_size))
    for chunk in np.array_split(positions, chunks):
        at = torch.from_numpy(chunk).to(cases.images.device)
        truth, labels = cases.masks[at].to(torch.get_default_dtype()), cases.labels[at]
        with autocast:
            outputs = outputs_of(network, normalise(grey_levels(cases.images[at]), normalisation))
        total_loss += len(chunk) * sum(task_losses(recipe, outputs.mask, outputs.label, truth, labels).values())
        for head, logits in (("mask", outputs.mask), ("class", outputs.label)):
            if logits is not None:
                unfit[head].append((~logits.isfinite()).flatten(1).any(1).sum())
        if outputs.mask is not None:
            predicted, reference = outputs.mask > 0, cases.selection_masks[at].bool()
            counted = (predicted & reference, predicted, reference)
            counts.append(torch.stack([pixels.flatten(1).sum(1) for pixels in counted]))
            masks.append(predicted[:, 0])
        if outputs.label is not None:
            probabilities.append(torch.softmax(outputs.label, 1)[:, 1])
            correct.append(outputs.label.argmax(1) == labels)
    counted = torch.cat(counts, 1).cpu().numpy() if counts else None
    return Evaluation(
        positions,
        None if counted is None else dict(zip(("intersection", "predicted", "truth"), counted, strict=True)),
        torch.cat(masks).cpu().numpy() if masks else None,
        torch.cat(probabilities).cpu().numpy() if probabilities else None,
        float(torch.cat(correct).to(torch.get_default_dtype()).mean()) if correct else float("nan"),
        float(total_loss) / max(1, len(positions)),
        tuple(faults_of(unfit, chunks, len(positions))),
    )


def faults_of(unfit: dict[str, list[Tensor]], chunks: int, cases: int) -> Iterator[str]:
    """What is wrong with logits of which so many are not finite; a head is there in every chunk or in none."""
    for head, counts in unfit.items():
        if counts and len(counts) < chunks:
            yield f"{head} logits are missing for some of {cases} cases"
        if counts and (found := int(torch.stack(counts).sum())):
            yield f"{head} logits are NaN or infinite for {found} of {cases} cases"
