"""Augmentation as one batched affine sampling on the device: the same transform for an image and its mask.

A recipe lists the steps in order; each step draws one 2 x 2 matrix per image, and the product of them all is sampled
once, so that an image is interpolated once however many steps there are.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.configuration import lookup


def flip(probability: float, axis: int, count: int, generator: torch.Generator) -> Tensor:
    """(count, 2, 2) matrices that mirror axis 0 (x) or 1 (y) with the given probability."""
    matrices = torch.eye(2).repeat(count, 1, 1)
    matrices[torch.rand(count, generator=generator) < probability, axis, axis] = -1.0
    return matrices


def horizontal_flip(count: int, generator: torch.Generator, probability: float) -> Tensor:
    return flip(probability, 0, count, generator)


def vertical_flip(count: int, generator: torch.Generator, probability: float) -> Tensor:
    return flip(probability, 1, count, generator)


def rotation_matrices(degrees: Tensor) -> Tensor:
    """(B, 2, 2) matrices that turn an image counter-clockwise, as PIL's `rotate`: from output to input coordinates."""
    angle = degrees * (math.pi / 180)
    cosine, sine = torch.cos(angle), torch.sin(angle)
    return torch.stack([torch.stack([cosine, -sine], -1), torch.stack([sine, cosine], -1)], -2)


def rotation(count: int, generator: torch.Generator, degrees: float) -> Tensor:
    """Uniform in plus or minus `degrees`."""
    return rotation_matrices((2 * torch.rand(count, generator=generator) - 1) * degrees)


def scale_matrices(factors: Tensor) -> Tensor:
    """(B, 2, 2) matrices that enlarge an image by its factor about the centre: from output to input coordinates."""
    return torch.eye(2) / factors[:, None, None]


def scale(count: int, generator: torch.Generator, factors: list[float]) -> Tensor:
    """Enlarge by one of `factors`, each as often; below 1 the image shrinks.

    Raises:
        ValueError: there are none, or one is not above 0.
    """
    if not factors or not all(0 < factor < math.inf for factor in factors):
        raise ValueError(f"factors: expected numbers above 0, found {factors}")
    chosen = torch.randint(len(factors), (count,), generator=generator)
    return scale_matrices(torch.tensor(factors)[chosen])


def scale_between(count: int, generator: torch.Generator, lowest: float, highest: float) -> Tensor:
    """Enlarge by a factor that is uniform in [lowest, highest].

    Raises:
        ValueError: it is no range of numbers above 0.
    """
    if not 0 < lowest <= highest < math.inf:
        raise ValueError(f"expected 0 < lowest <= highest, found {lowest} and {highest}")
    return scale_matrices(lowest + (highest - lowest) * torch.rand(count, generator=generator))


STEPS = {
    "horizontal_flip": horizontal_flip,
    "vertical_flip": vertical_flip,
    "rotation": rotation,
    "scale": scale,
    "scale_between": scale_between,
}


def draw(steps: list[dict], count: int, generator: torch.Generator) -> Tensor:
    """(count, 2, 2) matrices from output to input coordinates of the steps applied in order.

    Raises:
        UserError: a step's name is unknown.
    """
    total = torch.eye(2).repeat(count, 1, 1)
    for step in steps:
        settings = {key: value for key, value in step.items() if key != "name"}
        # in = M1^-1 M2^-1 ... out, and each step's matrix is already the inverse of what it does to the image
        total = total @ lookup(STEPS, step["name"], "augmentation")(count, generator, **settings)
    return total


def apply(matrices: Tensor, images: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
    """Sample images bilinearly and masks by the nearest neighbour; what lies outside is zero.

    Args:
        matrices: (B, 2, 2).
        images: float (B, 1, S, S), grey levels before normalisation, so that the fill is black.
        masks: float (B, 1, S, S) of 0 and 1.
    """
    affine = functional.pad(matrices, (0, 1)).to(images.device, images.dtype)
    grid = functional.affine_grid(affine, list(images.shape), align_corners=False)
    return (
        functional.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False),
        functional.grid_sample(masks, grid, mode="nearest", padding_mode="zeros", align_corners=False),
    )
