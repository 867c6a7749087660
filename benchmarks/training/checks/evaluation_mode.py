"""A network in evaluation mode: finite, the same twice, each image by itself, whole in its state, right way up."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from benchmarks.networks import outputs_of
from benchmarks.training.checks.two_images import MOVES, SIDE, two_images

CLEARLY = 4.0  # by how much the sum of eight logarithms must favour a moved answer; of the suite's networks, none by 2


def fault_of_modes(network: nn.Module) -> str | None:
    """Whether `train()` and `eval()` put every part of a network into their mode."""
    for mode, call in ((True, network.train), (False, network.eval)):
        call()
        if astray := [name or "the network" for name, part in network.named_modules() if part.training != mode]:
            word = "training" if mode else "evaluation"
            return f"{'train' if mode else 'eval'}(): {astray[0]} is not in {word} mode after it; do not override it"
    return None


@torch.no_grad()
def fault_of_seeding(network: nn.Module) -> str | None:
    """Whether a pass sets torch's random numbers: after two different seeds they would stand at the same point."""
    images = two_images(next(network.parameters(), torch.empty(0)).device)[0][:1]
    network.eval()
    if torch.equal(logits_of(network, images, seed=1)[1], logits_of(network, images, seed=2)[1]):
        return "forward sets torch's random numbers (manual_seed): what is drawn after it is the same again and again"
    return None


@torch.no_grad()
def fault_of_evaluation(network: nn.Module, another: Callable[[], nn.Module], learned: bool = True) -> str | None:
    """What a network gives in evaluation mode, for images of 64 pixels, that it should not, or None.

    Args:
        network: after a few steps of training.
        another: builds the same from other random weights.
        learned: whether it was fitted to `two_images`, so that it must answer to the image, and where it changes.
    """
    device = next(network.parameters(), torch.empty(0)).device
    generator = torch.Generator().manual_seed(1)
    third = torch.randn(1, 1, SIDE, SIDE, generator=generator).repeat(1, 3, 1, 1).to(device)
    images = torch.cat([two_images(device)[0], third])
    network.eval()
    together, _ = logits_of(network, images, seed=1)
    again, _ = logits_of(network, images, seed=2)
    alone = [logits_of(network, image[None])[0] for image in images]
    restored = another()
    try:
        restored.load_state_dict(network.state_dict())
    except RuntimeError as error:
        return f"its state dict does not fit the same network built anew: {str(error).splitlines()[0]}"
    from_state, _ = logits_of(restored.eval(), images)
    for head, logits in together.items():
        if not logits.isfinite().all():
            return f"evaluation mode: {head} logits: expected finite numbers, found NaN or infinity"
        close = closeness(logits)
        if not close(again.get(head), logits):
            return f"evaluation mode: {head} logits differ between two passes: dropout, noise or memory that stays on"
        if learned and (logits[:1] - logits[1:]).abs().max() <= close.tolerance:
            return f"evaluation mode: {head} logits are the same for different images: the image is ignored"
        if not all(close(single.get(head), logits[i : i + 1]) for i, single in enumerate(alone)):
            return f"evaluation mode: {head} logits of an image depend on the others of its batch"
        if not close(from_state.get(head), logits):
            return (
                f"evaluation mode: {head} logits are others once the state dict is loaded into the same network built "
                "anew: layers in a plain list (use ModuleList), or numbers that no buffer holds"
            )
    if "mask" not in together or not learned:
        return None
    return fault_of_orientation(network, device)


def logits_of(network: nn.Module, images: Tensor, seed: int = 0) -> tuple[dict[str, Tensor], Tensor]:
    """The logits by head, and the state of torch's random numbers afterwards."""
    torch.manual_seed(seed)
    outputs = outputs_of(network, images)
    named = {"mask": outputs.mask, "class": outputs.label}
    return {head: logits for head, logits in named.items() if logits is not None}, torch.get_rng_state()


class closeness:
    """Whether other logits are these but for rounding, which is larger on a GPU (TF32, other algorithms)."""

    def __init__(self, logits: Tensor):
        share = 1e-3 if logits.device.type == "cpu" else 1e-2
        self.tolerance = max(share * float(logits.abs().max()), 1e-6)

    def __call__(self, other: Tensor | None, logits: Tensor) -> bool:
        if other is None or other.shape != logits.shape:
            return False
        return float((other - logits).abs().max()) <= self.tolerance


def fault_of_orientation(network: nn.Module, device: torch.device) -> str | None:
    """Whether a change in a quadrant of the image changes the mask most in another one.

    Of every pair of quadrants it is measured how much the mask's logits change in the one when the image does in the
    other. If they answer in place, the product over the four quadrants is largest there: how easily each is changed,
    and how easily each changes others, cancels out in comparing it with the seven moves that map quadrants on
    quadrants. Only a move that does clearly better is a fault: some networks see the whole image in every pixel.
    """
    generator, half = torch.Generator().manual_seed(2), SIDE // 2
    still = 0.3 * torch.randn(1, 1, SIDE, SIDE, generator=generator)
    noise = 2 * torch.randn(1, 1, half // 2, half // 2, generator=generator)
    patches = (noise, torch.full_like(noise, -3.0))
    logarithms = torch.stack([answers(network, still.to(device), patch.to(device)) for patch in patches]).sum(0)
    numbers, quadrants = torch.arange(4).reshape(2, 2), torch.arange(4)
    in_place = float(logarithms[quadrants, quadrants].sum())
    moved = {}
    for name, move in list(MOVES.items())[:-1]:
        places = move(numbers).flatten().argsort()  # where each quadrant's answer goes
        moved[name] = float(logarithms[quadrants, places].sum())
    best = max(moved, key=lambda name: moved[name])
    if moved[best] > in_place + CLEARLY:
        return f"evaluation mode: masks come out {best}: they answer to the image in another place than it changes"
    return None


def answers(network: nn.Module, still: Tensor, patch: Tensor) -> Tensor:
    """Logarithms (4, 4) of how much the mask changes in each quadrant (column) when a patch is added in one (row)."""
    before, half, found = mask_logits(network, still), SIDE // 2, []
    for down, across in ((0, 0), (0, 1), (1, 0), (1, 1)):
        image = still.clone()
        top, left = down * half + half // 4, across * half + half // 4
        image[..., top : top + half // 2, left : left + half // 2] += patch
        change = (mask_logits(network, image) - before).abs().mean((0, 1)).cpu()
        found.append(change.reshape(2, half, 2, half).mean((1, 3)).flatten())
    changes = torch.stack(found)
    return (changes / changes.max().clamp(min=1e-12)).clamp(min=1e-6).log()


def mask_logits(network: nn.Module, grey: Tensor) -> Tensor:
    mask = outputs_of(network, grey.repeat(1, 3, 1, 1)).mask
    if mask is None:
        raise ValueError("expected a network with a segmentation head")
    return mask
