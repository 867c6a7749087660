"""Deformable DeepLab begins as the DeepLab of dilated convolutions that torchvision can compute."""

import torch
from torch import nn
from torch.nn import functional

from baselines.deeplab_dcn import DeepLabDCN, DilatedDeformableConvolution


def test_begins_as_the_dilated_convolution_it_replaces():
    torch.manual_seed(0)
    replaced = nn.Conv2d(6, 4, 3, padding=2, dilation=2, bias=False)
    deformable = DilatedDeformableConvolution(replaced, dilation=2, deformable="torchvision")
    features = torch.randn(2, 6, 9, 7)
    assert torch.allclose(deformable(features), replaced(features), atol=1e-6)


def test_an_offset_of_one_row_shifts_what_is_sampled():
    torch.manual_seed(0)
    replaced = nn.Conv2d(3, 2, 3, padding=2, dilation=2, bias=False)
    deformable = DilatedDeformableConvolution(replaced, dilation=2, deformable="torchvision")
    with torch.no_grad():
        deformable.offset.bias[0::2] = 1.0  # y of every tap
    features = torch.randn(1, 3, 8, 8)
    one_row_up = functional.pad(features, (0, 0, 0, 1))[:, :, 1:]
    assert torch.allclose(deformable(features)[:, :, 2:-3], replaced(one_row_up)[:, :, 2:-3], atol=1e-6)


def test_the_last_stage_alone_is_deformable():
    stages = DeepLabDCN().encoder
    counts = [sum(isinstance(m, DilatedDeformableConvolution) for m in stage.modules()) for stage in stages]
    assert counts == [0, 0, 0, 0, 3]
