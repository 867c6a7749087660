"""The authors' loss of MTnnUNet and MTUNet++ against closed forms and torchvision."""

import math

import pytest
import torch
from torchvision.ops import sigmoid_focal_loss

from baselines.deep_supervision import deeply_supervised_dice, focal_loss
from baselines.mtnnunet import MTnnUNet
from baselines.mtunetpp import MTUNetPlusPlus


def test_focal_loss_of_two_classes_is_that_of_one_logit():
    torch.manual_seed(0)
    logits, labels = 3 * torch.randn(50, 2), torch.randint(2, (50,))
    single = logits[:, 1] - logits[:, 0]
    expected = sigmoid_focal_loss(single, labels.float(), alpha=-1, gamma=2, reduction="mean")
    torch.testing.assert_close(focal_loss(logits, labels), expected)


def test_focal_loss_of_a_coin():
    assert focal_loss(torch.zeros(1, 2), torch.tensor([1])).item() == pytest.approx(math.log(2) / 4)


def test_deep_supervision_divides_by_the_rank():
    """512 pixels all wrong cost 1 - 1 / 1025 each by squared Dice smoothed by 1: times 1 + 1/2 + 1/3 + 1/4."""
    masks = torch.zeros(1, 1, 32, 32)
    masks[..., :16, :] = 1
    wrong = 100 * (1 - 2 * masks)
    right = -wrong
    one = 1 - 1 / 1025
    assert deeply_supervised_dice([wrong] * 4, masks).item() == pytest.approx(one * 25 / 12, abs=1e-5)
    assert deeply_supervised_dice([wrong, right, right, right], masks).item() == pytest.approx(one, abs=1e-5)
    half = torch.zeros(1, 1, 32, 32)  # probability 1/2 everywhere: 2 * 256 / (512 + 1024 / 4)
    assert deeply_supervised_dice([half], masks).item() == pytest.approx(1 - (512 + 1) / (768 + 1), abs=1e-5)


@pytest.mark.parametrize("network", [MTnnUNet, MTUNetPlusPlus])
def test_all_four_masks_have_the_size_of_the_image(network):
    with torch.no_grad():
        mask_logits, _, auxiliary = network()(torch.randn(1, 3, 64, 96))
    assert [tuple(m.shape) for m in (mask_logits, *auxiliary["coarse_masks"])] == [(1, 1, 64, 96)] * 4
