"""The U-Net's size, which follows from its widths."""

import torch

from baselines.unet import UNet


def test_parameters_follow_from_the_widths():
    """3x3 convolutions with bias and batch norm, 2x2 transposed convolutions with bias, a last 1x1 convolution."""
    widths = (4, 8, 16)

    def convolution(before, after):
        return 9 * before * after + 3 * after

    down = sum(convolution(a, b) + convolution(b, b) for a, b in [(3, 4), (4, 8), (8, 16)])
    rise = sum(4 * a * b + b + convolution(2 * b, b) + convolution(b, b) for a, b in [(16, 8), (8, 4)])
    assert sum(p.numel() for p in UNet(widths=widths).parameters()) == down + rise + 4 + 1


def test_skip_comes_before_the_enlarged_feature_of_its_size():
    network = UNet(widths=(4, 8, 16))
    seen = {}
    for name in ("encoder.0", "encoder.1", "enlarge.0", "enlarge.1", "decoder.0", "decoder.1"):
        network.get_submodule(name).register_forward_hook(
            lambda module, inputs, output, name=name: seen.update({name: (inputs[0], output)})
        )
    network(torch.rand(1, 3, 16, 16))
    assert torch.equal(seen["decoder.0"][0], torch.cat([seen["encoder.1"][1], seen["enlarge.0"][1]], dim=1))
    assert torch.equal(seen["decoder.1"][0], torch.cat([seen["encoder.0"][1], seen["enlarge.1"][1]], dim=1))
