"""A network that breaks the contract is told how, in one line; one that keeps it is let through."""

import re

import pytest
import torch
from torch import nn

from benchmarks.training.checks.contract import fault_of

GOOD_MASK, GOOD_CLASS = (1, 16, 16), (2,)


class Gives(nn.Module):
    """Returns random tensors of the shapes that it is told, whatever the images; None for no shape."""

    def __init__(self, classes: int = 2, mask=GOOD_MASK, label=GOOD_CLASS, scale: float = 1.0):
        super().__init__()
        self.mask, self.label, self.scale = mask, label, scale

    def forward(self, images):
        mask, label = (
            None if shape is None else self.scale * torch.randn(len(images), *shape)
            for shape in (self.mask, self.label)
        )
        return mask, label, {}


class Pair(Gives):
    def forward(self, images):
        return super().forward(images)[:2]


class OddKeys(Gives):
    def losses(self, images, masks, labels):
        return {"seg": masks.mean(), "cls": masks.mean()}


class NotScalar(Gives):
    def losses(self, images, masks, labels):
        return {"segmentation": masks, "classification": masks.mean()}


class NotByTask(Gives):
    def losses(self, images, masks, labels):
        return masks.mean()


def fault(network: type[nn.Module], **arguments) -> str | None:
    return fault_of(network(**arguments), classes=2, side=16)


@pytest.mark.parametrize(
    ("network", "arguments", "message"),
    [
        (Pair, {}, r"found a tuple of a tensor \(2, 1, 16, 16\), a tensor \(2, 2\)$"),
        (Gives, {"mask": None, "label": None}, "found None for both: a network needs a head"),
        (Gives, {"mask": (1, 8, 8)}, r"mask logits: expected \(2, 1, 16, 16\) .* found a tensor \(2, 1, 8, 8\)"),
        (Gives, {"mask": (16, 16)}, r"mask logits: expected .* found a tensor \(2, 16, 16\)"),
        (Gives, {"mask": (2,), "label": GOOD_MASK}, r"mask logits: expected .* found a tensor \(2, 2\)"),
        (Gives, {"label": (1,)}, r"class logits: expected \(2, 2\) .* found a tensor \(2, 1\)"),
        (Gives, {"scale": float("nan")}, "mask logits: expected finite numbers, found NaN"),
        (OddKeys, {}, "expected a dictionary with the keys segmentation, classification, found the keys seg, cls"),
        (OddKeys, {"label": None}, "with the keys segmentation, found the keys seg, cls"),
        (NotScalar, {}, r"losses: segmentation: expected a scalar tensor, found a tensor \(2, 1, 16, 16\)"),
        (NotByTask, {}, r"losses: expected a dictionary .* found a tensor \(\)"),
    ],
)
def test_what_is_broken_is_named(network, arguments, message):
    assert re.search(message, fault(network, **arguments))


@pytest.mark.parametrize("arguments", [{}, {"mask": None}, {"label": None}])
def test_what_keeps_the_contract_is_let_through(arguments):
    assert fault(Gives, **arguments) is None
