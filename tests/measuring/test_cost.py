"""Counting against published figures and closed forms."""

import pytest
import timm
import torch
from torch import nn
from torchvision.models import ResNet18_Weights, ViT_B_16_Weights

from acsnet.deformable_convolution import ModulatedDeformableConvolution
from benchmarks.measuring import cost


@pytest.mark.parametrize(
    ("architecture", "weights"),
    [("resnet18", ResNet18_Weights.IMAGENET1K_V1), ("vit_base_patch16_224", ViT_B_16_Weights.IMAGENET1K_V1)],
)
def test_multiply_adds_are_those_that_torchvision_publishes(architecture, weights):
    found = cost.multiply_adds(timm.create_model(architecture), 224)
    assert found / 1e9 == pytest.approx(weights.meta["_ops"], rel=2e-3)


def test_deformable_convolution_is_counted_with_its_offsets_and_masks():
    """3x3 at each of 16 x 16 places: 4 to 6 channels, and 4 to 18 offsets and 9 masks."""
    network = nn.Sequential(nn.Conv2d(3, 4, 1), ModulatedDeformableConvolution(4, 6, "torchvision"))
    assert cost.multiply_adds(network, 16) == 16 * 16 * (3 * 4 + 9 * 4 * (6 + 18 + 9))


def test_heads():
    class Classifier(nn.Module):
        def forward(self, images):
            return None, torch.zeros(len(images), 2), {}

    assert cost.heads(Classifier()) == "classification"
