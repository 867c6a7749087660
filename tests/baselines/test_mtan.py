"""MTAN whose masks are all one is its encoder with a head per task."""

import torch
from torch import nn

from baselines.mtan import MTAN
from baselines.multi_task_deeplab import MultiTaskDeepLab


def test_with_open_masks_it_is_the_shared_encoder():
    torch.manual_seed(0)
    network, shared = MTAN().eval(), MultiTaskDeepLab().eval()
    network.load_state_dict(shared.state_dict(), strict=False)
    for attentions in network.attentions.values():
        for attention in attentions:
            last = [layer for layer in attention if isinstance(layer, nn.BatchNorm2d)][-1]
            nn.init.constant_(last.bias, 50.0)  # sigmoid(50 + ...) is 1 in float32
    images = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        for found, expected in zip(network(images)[:2], shared(images)[:2], strict=True):
            torch.testing.assert_close(found, expected)
