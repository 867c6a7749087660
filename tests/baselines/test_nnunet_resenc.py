"""Sizes that nnU-Net's network takes: padded where its grid does not divide the image."""

import pytest
import torch
from torch import nn

from baselines.nnunet_resenc import NNUNetResEnc


@pytest.fixture(scope="module")
def network() -> NNUNetResEnc:
    return NNUNetResEnc()


@pytest.mark.parametrize(("height", "width"), [(32, 64), (96, 160), (256, 128)])
def test_padding_is_taken_off_again(network, height, width):
    """With its first channel passed through in the network's place, an image comes back as it was."""
    seen = []

    class PassThrough(nn.Module):
        def forward(self, images):
            seen.append(images.shape[-2:])
            return images[:, :1]

    network.network = PassThrough()
    images = torch.randn(1, 3, height, width)
    mask_logits, class_logits, _ = network(images)
    assert class_logits is None
    assert torch.equal(mask_logits, images[:, :1])
    assert all(side % 64 == 0 and side >= 128 for side in seen[0])
