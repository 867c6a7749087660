"""Weights, images and masks that follow from a name and a shape alone, and what is kept of a tensor.

NumPy's legacy generator is frozen (NEP 19), so they are the same in every version.
"""

import math
import re
import zlib
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

SAMPLES = 6
REORDERINGS: dict[str, Callable[[Tensor], Tensor]] = {
    # the two halves of the input channels, where two features are concatenated the other way round
    "halves": lambda tensor: torch.cat(tensor.chunk(2, 1)[::-1], 1),
    # y0, ..., y8, x0, ..., x8 as y0, x0, ..., y8, x8
    "interleaved": lambda tensor: torch.stack(tensor.chunk(2), 1).flatten(0, 1),
}


def uniform(name: str, shape: tuple[int, ...]) -> Tensor:
    """Numbers in [-1, 1), the same for the same name."""
    generator = np.random.RandomState(zlib.crc32(name.encode()))
    return torch.from_numpy(generator.uniform(-1, 1, math.prod(shape))).reshape(shape)


def published_tensor(name: str, shape: tuple[int, ...]) -> Tensor:
    """A parameter or buffer by its published name: He's range for weights of several dimensions, 1 +- 1/4 for scales,
    1 +- 1/2 for running variances, +- 1/4 for all else."""
    numbers, kind = uniform(name, shape), name.rpartition(".")[2]
    if kind == "num_batches_tracked":
        return torch.zeros(shape, dtype=torch.int64)
    if kind == "running_var":
        return 1 + numbers / 2
    if len(shape) > 1:
        return numbers * math.sqrt(6 * shape[0] / numbers.numel())
    return 1 + numbers / 4 if kind == "weight" else numbers / 4


class Names:
    """Published names of our parameters and buffers.

    `rules` are substitutions of regular expressions, applied to our name in turn; what becomes empty has no published
    counterpart; names joined by `+` are published tensors that ours holds one after the other.
    """

    def __init__(self, rules: list[list[str]], reordered: dict[str, str] | None = None):
        self.rules = [(re.compile(pattern), by) for pattern, by in rules]
        self.reordered = reordered or {}

    def of(self, ours: str) -> list[str]:
        for pattern, by in self.rules:
            ours = pattern.sub(by, ours)
        return ours.split("+") if ours else []

    def in_our_order(self, ours: str, tensor: Tensor) -> Tensor:
        kinds = [kind for pattern, kind in self.reordered.items() if re.fullmatch(pattern, ours)]
        return REORDERINGS[kinds[0]](tensor) if kinds else tensor

    def published(self, ours: str, shape: tuple[int, ...]) -> Tensor:
        """The seeded value of one of our tensors; one without a counterpart is seeded by our own name."""
        names = self.of(ours) or [f"ours: {ours}"]
        if len(names) == 1:
            return self.in_our_order(ours, published_tensor(names[0], shape))
        size = math.prod(shape) // len(names)
        return torch.cat([published_tensor(name, (size,)) for name in names]).reshape(shape)


def fill(network: nn.Module, names: Names) -> None:
    with torch.no_grad():
        for ours, tensor in [*network.named_parameters(), *network.named_buffers()]:
            tensor.copy_(names.published(ours, tuple(tensor.shape)))


def silence(network: nn.Module) -> list[float]:
    """Switch dropout and stochastic depth off; their rates above 0, each once."""
    rates = set()
    for layer in network.modules():
        for attribute in ("p", "drop_prob"):
            rate = getattr(layer, attribute, None)
            if isinstance(rate, float) and rate > 0:
                rates.add(round(rate, 8))
                setattr(layer, attribute, 0.0)
    return sorted(rates)


def batch(shape: tuple[int, int, int, int]) -> tuple[Tensor, Tensor, Tensor]:
    """Two images `shape`, masks with a rectangle each, and labels of both classes."""
    _, _, height, width = shape
    masks = torch.zeros(2, 1, height, width)
    masks[0, :, height // 4 : height // 2, width // 3 : 2 * width // 3] = 1
    masks[1, :, height // 2 :, : width // 4] = 1
    return uniform("images", shape), masks, torch.tensor([0, 1])


def outputs(given: object, name: str = "") -> Iterator[tuple[str, Tensor]]:
    """The tensors that a network returns: `mask`, `label`, and the auxiliary ones by their keys, joined by dots."""
    if isinstance(given, Tensor):
        yield name or "features", given
        return
    if isinstance(given, tuple) and not name:
        mask, label, auxiliary = given
        given = {"mask": mask, "label": label, "auxiliary": auxiliary}
    parts = given.items() if isinstance(given, dict) else enumerate(given or ())
    for key, part in parts:
        yield from outputs(part, f"{name}.{key}".strip("."))


def probe(given: dict[str, Tensor]) -> Tensor:
    """A loss for networks whose public code has none: the squared distance of each output from seeded numbers."""
    return sum(((tensor - uniform(name, tuple(tensor.shape))) ** 2).mean() for name, tensor in given.items())


def numbers(tensor: Tensor) -> list[float]:
    """What is kept of a tensor: its root mean square, and elements at even distances from the first to the last."""
    flat = tensor.detach().flatten()
    at = [round(i * (len(flat) - 1) / (SAMPLES - 1)) for i in range(SAMPLES)]
    return [float(flat.square().mean().sqrt()), *(float(flat[i]) for i in at)]
