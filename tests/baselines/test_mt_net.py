"""MT_Net's pyramid, and the size of the reference's other configuration."""

import torch

from baselines.mt_net import MTNet, spatial_pyramid


def test_pyramid_holds_the_maximum_of_each_cell():
    features = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert spatial_pyramid(features, (2, 1)).tolist() == [[5, 7, 13, 15, 15]]


def test_parameters_with_the_larger_pyramid():
    parameters = sum(p.numel() for p in MTNet(bins=(8, 4, 1)).parameters())
    assert abs(parameters - 46_430_000) < 0.005 * 46_430_000
