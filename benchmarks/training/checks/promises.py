"""What docs/contracts.md asks of a network, promise by promise, each tried by itself.

`acsbench check` tells them, and `tests/test_network_contract.py` holds every model of params.yaml to them. What a cell
tries before it trains (`contract.py`) is the part that needs a network once.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from benchmarks.configuration import Model, Recipe
from benchmarks.networks import HasLosses, outputs_of
from benchmarks.training.auxiliary import recipe_losses
from benchmarks.training.checks.batch import made_up_batch
from benchmarks.training.checks.card import fault_of_card
from benchmarks.training.checks.contract import (
    fault_of,
    fault_of_losses,
    fault_of_outputs,
    from_random_weights,
    heads_of,
)
from benchmarks.training.checks.evaluation_mode import fault_of_evaluation, fault_of_modes, fault_of_seeding
from benchmarks.training.checks.imagined_gpu import fault_of_device
from benchmarks.training.checks.precisions import fault_of_bfloat16, fault_of_float64, float64_by_default
from benchmarks.training.checks.two_images import EXEMPTION, fault_of_fit

SMALL, LARGE = 64, 256  # pixels
CPU = torch.device("cpu")


@dataclass
class Subject:
    """A model whose promises are tried, from random weights even where it asks for others, on the CPU."""

    model: Model
    classes: int
    recipe: Recipe  # whose losses a network without its own is trained by
    side: int = SMALL  # of the images that it is trained on, in pixels

    @cached_property
    def network(self) -> nn.Module:
        """Built once for all promises that leave its parameters alone."""
        return self.anew(seed=0)

    def anew(self, seed: int) -> nn.Module:
        return from_random_weights(self.model, self.classes, CPU, seed)

    @cached_property
    def step(self) -> tuple[dict[str, Tensor], list[str], dict[str, Tensor | None]]:
        """Losses, heads and gradients of one backward pass in training mode on two images."""
        images, masks, labels = made_up_batch(2, self.side, self.classes)
        outputs = outputs_of(self.network.train(), images)
        if isinstance(self.network, HasLosses):
            losses = self.network.losses(images, masks, labels)
        else:
            losses = recipe_losses(self.recipe, outputs, masks, labels)
        torch.stack([loss.sum() for loss in losses.values()]).sum().backward()
        gradients = {name: p.grad for name, p in self.network.named_parameters() if p.requires_grad}
        self.network.zero_grad()
        self.network.eval()
        return {task: loss.detach() for task, loss in losses.items()}, heads_of(outputs), gradients


def card(subject: Subject) -> str | None:
    return fault_of_card(subject.model, subject.network)


def modes(subject: Subject) -> str | None:
    return fault_of_modes(subject.network)


def outputs(subject: Subject) -> str | None:
    return fault_of(subject.network, subject.classes, subject.side)


def losses(subject: Subject) -> str | None:
    found, heads, _ = subject.step
    if fault := fault_of_losses(found, heads):
        return fault
    unfit = [task for task, loss in found.items() if loss.shape != () or not math.isfinite(float(loss))]
    return f"losses: {unfit[0]}: expected a finite scalar, found {found[unfit[0]]}" if unfit else None


def gradients(subject: Subject) -> str | None:
    found = subject.step[2]
    if unused := [name for name, gradient in found.items() if gradient is None]:
        count = sum(p.numel() for name, p in subject.network.named_parameters() if name in found and name not in unused)
        return (
            f"unused parameters, {len(unused)} of them that no loss reaches: {', '.join(unused[:3])}; leave them out, "
            f"and enter {count:_} as the count of the others"
        )
    unfit = [name for name, gradient in found.items() if gradient is not None and not gradient.isfinite().all()]
    return f"the gradient of {unfit[0]} is not finite" if unfit else None


@torch.no_grad()
def large_images(subject: Subject) -> str | None:
    images = made_up_batch(1, LARGE)[0]
    return fault_of_outputs(subject.network.eval()(images), subject.classes, LARGE, images=1)


def draws(subject: Subject) -> str | None:
    return fault_of_seeding(subject.network)


def evaluation(subject: Subject) -> str | None:
    return fault_of_evaluation(subject.network, lambda: subject.anew(seed=1), learned=False)


def fit(subject: Subject) -> str | None:
    network = subject.anew(seed=0)
    learned = not getattr(network, EXEMPTION, None)
    return fault_of_fit(network, subject.recipe.auxiliary_losses) or fault_of_evaluation(
        network, lambda: subject.anew(seed=1), learned
    )


def bfloat16(subject: Subject) -> str | None:
    return fault_of_bfloat16(subject.network)


def float64(subject: Subject) -> str | None:
    with float64_by_default():
        return fault_of_float64(subject.anew(seed=0))


def device(subject: Subject) -> str | None:
    return fault_of_device(subject.network)


@dataclass(frozen=True)
class Promise:
    """`fault` says what is expected and what was found where it is broken, else None."""

    name: str
    sentence: str
    fault: Callable[[Subject], str | None]
    mend: str


PROMISES = (
    Promise(
        "card",
        "its card has a citation, a licence, its fidelity and the right count of parameters",
        card,
        "Write the text on the class, or `parameters:` into the entry where its arguments change the count.",
    ),
    Promise("modes", "train() and eval() reach every part", modes, "Leave both as nn.Module has them."),
    Promise(
        "outputs",
        "images give mask logits, class logits and a dictionary, of the right shapes and finite, in both modes",
        outputs,
        "Mend `forward`: docs/contracts.md, section Network.",
    ),
    Promise(
        "losses",
        "a loss per head, finite scalars",
        losses,
        "Return one scalar per head from `losses`, or leave the method out.",
    ),
    Promise(
        "gradients",
        "every trainable parameter gets a finite gradient",
        gradients,
        "Build no layer that no loss reaches, or freeze what a library builds (`requires_grad_(False)`).",
    ),
    Promise(
        "large_images",
        "images of 256 pixels are evaluated",
        large_images,
        "Take sizes from the images, not from the paper; any height and width divisible by 32.",
    ),
    Promise("draws", "torch's random numbers are drawn on, never set", draws, "Take the manual_seed out of `forward`."),
    Promise(
        "evaluation",
        "evaluation mode gives the same twice, for an image alone, and from its state dict",
        evaluation,
        "Use running statistics, no dropout in evaluation mode, nn.ModuleList for lists, buffers for numbers.",
    ),
    Promise(
        "fit",
        "two images are learned by heart, classes and masks the right way round",
        fit,
        f"A head is cut off or turned; a network that needs more steps says why on its class: `{EXEMPTION} = ...`.",
    ),
    Promise("bfloat16", "it computes under autocast to bfloat16", bfloat16, "Keep sums and exponentials in float32."),
    Promise(
        "float64",
        "in float64 it computes in float64 throughout",
        float64,
        "Write `.to(images.dtype)` in the place of `.float()` and torch.float32.",
    ),
    Promise(
        "device",
        "its tensors stay on its device",
        device,
        "Make tensors by `images.new_zeros(...)`, or with `device=images.device`; register constants as buffers.",
    ),
)
