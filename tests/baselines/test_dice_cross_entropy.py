"""The loss of CMU-Net and CMUNeXt against its closed form."""

import math

import pytest
import torch

from baselines.cmunet import CMUNet
from baselines.dice_cross_entropy import dice_and_half_cross_entropy


def test_of_even_odds():
    """Half of an image is lesion, every pixel has probability 1/2: Dice is 1/2, the cross-entropy log 2."""
    masks = torch.zeros(2, 1, 8, 8)
    masks[..., :4, :] = 1
    found = dice_and_half_cross_entropy(torch.zeros(2, 1, 8, 8), masks)
    assert found.item() == pytest.approx(0.5 + math.log(2) / 2, abs=1e-5)


def test_dice_is_a_mean_over_images():
    """A right image and a wrong one, both sure of it: Dice 1 and 0; logits of 20 cost the wrong pixels 20 each."""
    masks = torch.zeros(2, 1, 8, 8)
    masks[0, :, :2], masks[1, :, :4] = 1, 1
    logits = 20 * (2 * masks - 1)
    logits[1] *= -1
    assert dice_and_half_cross_entropy(logits, masks).item() == pytest.approx(0.5 + 0.5 * 20 / 2, abs=1e-4)


def test_cmunet_trains_with_it():
    torch.manual_seed(0)
    network, images = CMUNet().eval(), torch.randn(1, 3, 32, 32)
    masks = (torch.rand(1, 1, 32, 32) > 0.5).float()
    with torch.no_grad():
        expected = dice_and_half_cross_entropy(network(images)[0], masks)
        assert torch.equal(network.losses(images, masks, torch.tensor([0]))["segmentation"], expected)
