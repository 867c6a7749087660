"""Losses by hand."""

import pytest
import torch
from torch.nn import functional

from benchmarks.training.losses import binary_cross_entropy, cross_entropy, soft_dice


def test_soft_dice_is_the_released_formula():
    logits = torch.tensor([[0.0, 2.0, -1.0, 3.0], [-30.0, -30.0, -30.0, -30.0]]).reshape(2, 1, 2, 2)
    masks = torch.tensor([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]).reshape(2, 1, 2, 2)
    p = [1 / (1 + torch.exp(torch.tensor(-x)).item()) for x in (0.0, 2.0, -1.0, 3.0)]
    first = 2 * (p[0] + p[1] + 1e-5) / (sum(p) + 2 + 1e-5)
    second = 2 * 1e-5 / 1e-5  # smooth stands twice in the numerator: empty against empty gives a Dice of 2
    assert soft_dice(logits, masks).item() == pytest.approx(1 - (first + second) / 2, abs=1e-5)


def test_the_others_are_torchs():
    logits, labels = torch.randn(4, 2), torch.tensor([0, 1, 1, 0])
    expected = -torch.log_softmax(logits, 1)[range(4), labels].mean()
    assert torch.allclose(cross_entropy(logits, labels), expected)
    mask, truth = torch.randn(4, 1, 3, 3), torch.randint(0, 2, (4, 1, 3, 3)).float()
    expected = functional.binary_cross_entropy(torch.sigmoid(mask), truth)
    assert torch.allclose(binary_cross_entropy(mask, truth), expected)
