"""RMTL's regions and SHA-MTL's hard attention, against what they are by definition."""

import torch

from baselines.pooling import weighted_average
from baselines.rmtl import RMTLNet, regions
from baselines.sha_mtl import SHAMTL


def classification_gradient_of_mask_head(network: torch.nn.Module, head: torch.nn.Module) -> torch.Tensor | None:
    torch.manual_seed(0)
    _, class_logits, _ = network(torch.randn(2, 3, 64, 64))
    return torch.autograd.grad(class_logits[:, 1].sum(), head.weight, allow_unused=True)[0]


def test_regions_of_a_square():
    """A 2x2 tumour in 6x6 has a rim of 4x4 without it, and the rest is background."""
    tumour = torch.zeros(1, 1, 6, 6)
    tumour[..., 2:4, 2:4] = 1
    inside, rim, background = regions(tumour)
    assert (inside.sum().item(), rim.sum().item(), background.sum().item()) == (4, 12, 20)
    assert torch.equal(inside + rim + background, torch.ones_like(tumour))


def test_weighted_average_of_a_region_and_of_none():
    features = torch.arange(16.0).reshape(1, 1, 4, 4)
    weights = torch.zeros(1, 1, 4, 4)
    assert weighted_average(features, weights).item() == 0
    weights[..., 0, :2] = 1
    torch.testing.assert_close(weighted_average(features, weights).item(), 0.5, rtol=1e-3, atol=0)


def test_rmtl_classifier_teaches_the_mask():
    network = RMTLNet()
    gradient = classification_gradient_of_mask_head(network, network.network.segmentation_head[0])
    assert gradient.abs().sum() > 0


def test_sha_mtl_classifier_does_not_teach_the_mask():
    network = SHAMTL()
    assert classification_gradient_of_mask_head(network, network.segmentation_head[1]) is None
