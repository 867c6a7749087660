"""The shared paths against the U-Net that is written out in full."""

import torch

from baselines.u_shape import UShapedSegmenter
from baselines.unet import UNet


def test_without_gates_it_is_the_unet():
    torch.manual_seed(0)
    unet = UNet(widths=(4, 8, 16)).eval()
    same = UShapedSegmenter(4, list(unet.encoder), list(unet.enlarge), list(unet.decoder)).eval()
    same.segmentation_head = unet.output
    images = torch.randn(2, 3, 32, 64)
    assert torch.equal(same(images)[0], unet(images)[0])


def test_a_gate_sees_the_skip_and_what_rises_to_it():
    class Shut(torch.nn.Module):
        def forward(self, skip, risen):
            assert skip.shape == risen.shape
            return 0 * skip

    unet = UNet(widths=(4, 8, 16)).eval()
    shut = [Shut(), Shut()]
    gated = UShapedSegmenter(4, list(unet.encoder), list(unet.enlarge), list(unet.decoder), gates=shut).eval()
    for block, width in zip(unet.decoder, (8, 4), strict=True):  # the skip's half of the block's first convolution
        block[0].weight.data[:, :width] = 0
    gated.segmentation_head = unet.output
    images = torch.randn(1, 3, 32, 32)
    assert torch.equal(gated(images)[0], unet(images)[0])
