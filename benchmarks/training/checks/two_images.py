"""A fit of a few steps to two images: a network that learns must reach both classes and both masks, right way up."""

import math

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from benchmarks.networks import HasLosses, outputs_of
from benchmarks.training.auxiliary import Auxiliary, with_auxiliary
from benchmarks.training.losses import binary_cross_entropy, cross_entropy

SIDE = 64  # pixels
LOOKS = (4, 8, 12, 16, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100, 125, 150)  # steps after which it is looked at
HURRY = 60  # steps after which a network that is still too small to have moved far learns faster
RATES = (1e-3, 1e-2)  # of Adam, before and after
ENOUGH_DICE = 0.5
ENOUGH_PROBABILITY = (
    0.75  # of the right class. Two numbers in [0, 1], taken for logits, give e / (1 + e) = 0.73 at most.
)
EXEMPTION = "exempt_from_fit"  # the attribute of a network's class that says why this is not asked of it

# What has become of a mask (..., H, W); no lesion below has a Dice above one half with itself moved so.
MOVES = {
    "transposed": lambda mask: mask.mT,
    "mirrored left to right": lambda mask: mask.flip(-1),
    "upside down": lambda mask: mask.flip(-2),
    "turned by half": lambda mask: mask.flip(-1, -2),
    "turned by a quarter": lambda mask: mask.rot90(1, (-2, -1)),
    "turned by three quarters": lambda mask: mask.rot90(3, (-2, -1)),
    "transposed along the other diagonal": lambda mask: mask.mT.flip(-1, -2),
    "inverted, lesion for background": lambda mask: ~mask,
}


def two_images(device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Normalised images (2, 3, S, S), masks (2, 1, S, S) and labels (2,): a dark lesion lying at the top right of a
    brighter image, benign, and one standing at the bottom left of a darker image, malignant."""
    generator = torch.Generator().manual_seed(0)
    masks = torch.zeros(2, 1, SIDE, SIDE)
    masks[0, :, 4:18, 32:62] = 1
    masks[1, :, 28:60, 4:18] = 1
    tissue = torch.tensor([0.5, -0.5]).reshape(2, 1, 1, 1)
    grey = 0.3 * torch.randn(2, 1, SIDE, SIDE, generator=generator) + torch.where(masks == 1, -3.0, tissue)
    return grey.repeat(1, 3, 1, 1).to(device), masks.to(device), torch.tensor([0, 1], device=device)


def fault_of_fit(network: nn.Module, auxiliary: Auxiliary | None = None) -> str | None:
    """Fit a network to `two_images`, in place, and say what it did not learn, or None.

    It leaves the network with statistics of batch normalisation that belong to these images. A class that says why it
    is exempt is trained for the first few steps all the same, so that the other checks have a trained network.
    """
    images, masks, labels = two_images(next(network.parameters(), torch.empty(0)).device)
    unreached = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    if not unreached:
        return "it has no parameters that can be trained"
    optimiser = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], lr=RATES[0])
    exempt, fault = getattr(network, EXEMPTION, None), None
    for step in range(1, LOOKS[-1] + 1):
        network.train()
        given = images.clone(), masks.clone(), labels.clone()
        losses = losses_of(network, *given, auxiliary)
        for name, now, before in zip(("images", "masks", "labels"), given, (images, masks, labels), strict=True):
            if not torch.equal(now, before):
                return f"its forward pass or its losses change the {name} that they are given; work on a copy"
        total = torch.stack([loss.sum() for loss in losses.values()]).sum()
        if not math.isfinite(float(total.detach())):
            return fault or f"its loss is not finite after {step - 1} steps of a fit to two images"
        optimiser.zero_grad(set_to_none=True)
        if not total.requires_grad:
            return "its losses do not depend on its parameters: nothing can be learned"
        total.backward()
        unreached -= {name for name, parameter in network.named_parameters() if parameter.grad is not None}
        optimiser.step()
        if step in LOOKS:
            settle(network, images)
            fault = fault_of_learned(network, images, masks, labels, step)
            if fault is None or exempt:
                break
        if step == HURRY:
            optimiser.param_groups[0]["lr"] = RATES[1]
    if unreached:
        names = sorted(unreached)
        return f"no loss reaches {len(names)} of its parameters ({', '.join(names[:3])}...): leave them out"
    return None if exempt else fault


def losses_of(
    network: nn.Module, images: Tensor, masks: Tensor, labels: Tensor, auxiliary: Auxiliary | None = None
) -> dict[str, Tensor]:
    """The network's own losses, or cross-entropies of its heads and the recipe's losses of its auxiliary outputs."""
    if isinstance(network, HasLosses):
        return network.losses(images, masks, labels)
    outputs, losses = outputs_of(network, images), {}
    if outputs.mask is not None:
        losses["segmentation"] = binary_cross_entropy(outputs.mask, masks)
    if outputs.label is not None:
        losses["classification"] = cross_entropy(outputs.label, labels)
    return with_auxiliary(losses, outputs.auxiliary, auxiliary or {}, masks, labels)


@torch.no_grad()
def settle(network: nn.Module, images: Tensor) -> None:
    """Put a network into evaluation mode with running statistics of these images, which lag behind after a few steps.

    It then gives for them what it does in training mode, but for dropout. A layer whose statistics never move (momentum
    0) is left as it is.
    """
    network.eval()
    layers = {layer: layer.momentum for layer in network.modules() if isinstance(layer, _BatchNorm) and layer.momentum}
    hooks = [layer.register_forward_hook(use_biased_variance) for layer in layers]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # the plain mean of what it is shown
        layer.train()
    network(images)
    for layer, momentum in layers.items():
        layer.momentum = momentum
    for hook in hooks:
        hook.remove()
    network.eval()


def use_biased_variance(layer: nn.Module, given: tuple[Tensor, ...], _: Tensor) -> None:
    """The variance that training mode divides by; torch keeps n / (n - 1) of it, twice as much where there are two."""
    count = given[0].numel() / given[0].shape[1]
    if isinstance(layer.running_var, Tensor):
        layer.running_var.mul_((count - 1) / count)


@torch.no_grad()
def fault_of_learned(network: nn.Module, images: Tensor, masks: Tensor, labels: Tensor, steps: int) -> str | None:
    """What a network in evaluation mode does not give for the images that it was fitted to, or None."""
    outputs, truth = outputs_of(network, images), masks.bool()
    told = f"after {steps} steps of a fit to two images"
    if outputs.label is not None and (fault := fault_of_classes(outputs.label, labels)):
        return f"{told}, class logits: {fault}"
    if outputs.mask is not None and (fault := fault_of_masks(outputs.mask, truth)):
        return f"{told}, mask logits: {fault}"
    return None


def fault_of_classes(logits: Tensor, labels: Tensor) -> str | None:
    right = logits.softmax(1).gather(1, labels[:, None])[:, 0]
    if not (right > ENOUGH_PROBABILITY).all():
        found = f"found {', '.join(f'{float(p):.2f}' for p in right)} for the right class of each"
        if within_unit(logits):
            return f"all lie in [0, 1], as after a sigmoid or softmax; return them without it ({found})"
        if (right < 0.5).all():
            return f"the classes come out the other way round: class 1 is malignant ({found})"
        return f"expected probabilities above {ENOUGH_PROBABILITY}, {found}"
    return None


def fault_of_masks(logits: Tensor, truth: Tensor) -> str | None:
    predicted = logits > 0
    own, other = dice(predicted, truth), dice(predicted, truth.flip(0))
    if (own > ENOUGH_DICE).all() and (own > other).all():
        return None
    found = f"found Dice {', '.join(f'{float(d):.2f}' for d in own)}"
    if within_unit(logits):
        return f"all lie in [0, 1], as after a sigmoid; return them without it ({found})"
    for name, move in MOVES.items():
        moved = dice(predicted, move(truth))
        if (moved > ENOUGH_DICE).all() and (moved > dice(predicted, move(truth).flip(0))).all():
            return f"the masks come out {name} ({found})"
    share = float(predicted.float().mean())
    if share in (0, 1):
        return f"all masks are {'full' if share else 'empty'}"
    return f"expected Dice above {ENOUGH_DICE} with each own mask, and more than with the other's, {found}"


def within_unit(logits: Tensor) -> bool:
    return bool(((logits >= 0) & (logits <= 1)).all())


def dice(predicted: Tensor, truth: Tensor) -> Tensor:
    """Of bool masks (B, 1, H, W), one per image."""
    both = (predicted & truth).flatten(1).sum(1)
    return 2 * both / (predicted.flatten(1).sum(1) + truth.flatten(1).sum(1)).clamp(min=1)
