"""The operators against each other and against bilinear sampling written out, on each device; the choice of one."""

import os

import pytest
import torch
from torch import nn

from acsnet import ACSNet, deformable_convolution
from acsnet.deformable_convolution import (
    ModulatedDeformableConvolution,
    gather_operator,
    mmcv_devices,
    mmcv_operator,
    torchvision_operator,
)

OPERATORS = {"mmcv": mmcv_operator, "torchvision": torchvision_operator, "gather": gather_operator}


@pytest.fixture
def with_mmcv(request) -> None:
    """Skips where mmcv's operators are missing, but fails under CI, which must have them for the CPU."""
    device = request.getfixturevalue("device") if "device" in request.fixturenames else "cpu"
    if device in mmcv_devices():
        return
    if "cpu" in mmcv_devices():
        pytest.skip("mmcv was compiled without CUDA; `make mmcv` with nvcc and FORCE_CUDA=1 compiles it with")
    message = "mmcv's compiled operators are missing; `make mmcv` builds them"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def bilinear_reference(feature, offset, mask, weight):
    """Modulated deformable 3x3 convolution, padding 1, from its definition; nothing lies outside the feature."""
    height, width = feature.shape[-2:]
    rows = torch.arange(height, dtype=feature.dtype)[:, None]
    columns = torch.arange(width, dtype=feature.dtype)[None, :]
    output = 0
    for tap in range(9):
        y = rows + tap // 3 - 1 + offset[:, 2 * tap]
        x = columns + tap % 3 - 1 + offset[:, 2 * tap + 1]
        sampled = 0
        for corner_y in (y.floor(), y.floor() + 1):
            for corner_x in (x.floor(), x.floor() + 1):
                share = (1 - (y - corner_y).abs()) * (1 - (x - corner_x).abs())
                inside = (corner_y >= 0) & (corner_y < height) & (corner_x >= 0) & (corner_x < width)
                index = corner_y.clamp(0, height - 1) * width + corner_x.clamp(0, width - 1)
                index = index.long().flatten(1)[:, None].expand(-1, feature.shape[1], -1)
                value = feature.flatten(2).gather(2, index).unflatten(2, (height, width))
                sampled = sampled + (share * inside)[:, None] * value
        output = output + torch.einsum("bchw,oc->bohw", sampled * mask[:, tap, None], weight[:, :, tap // 3, tap % 3])
    return output


def inputs(dtype=torch.float64, device="cpu", spread=1.5):
    """Feature, offsets that reach past every border, mask and weight, each wanting a gradient."""
    generator = torch.Generator().manual_seed(1)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    tensors = (normal(2, 6, 7, 9), spread * normal(2, 18, 7, 9), normal(2, 9, 7, 9).sigmoid(), normal(5, 6, 3, 3))
    return [tensor.to(device, dtype).requires_grad_() for tensor in tensors]


def output_and_gradients(operator, tensors):
    output = operator(*tensors)
    towards = torch.linspace(-1, 1, output.numel(), dtype=output.dtype).reshape(output.shape).to(output.device)
    return [found.cpu() for found in (output, *torch.autograd.grad(output, tensors, towards))]


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_operator_equals_bilinear_sampling(request, device, name, dtype):
    if name == "mmcv":
        request.getfixturevalue("with_mmcv")
    tensors = inputs(dtype, device)
    expected = output_and_gradients(bilinear_reference, [t.detach().cpu().double().requires_grad_() for t in tensors])
    tolerance = {torch.float64: 1e-10, torch.float32: 1e-4}[dtype]
    for found, wanted in zip(output_and_gradients(OPERATORS[name], tensors), expected, strict=True):
        assert found.dtype == dtype
        torch.testing.assert_close(found.double(), wanted, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", ["mmcv", "gather"])
def test_operators_agree(request, device, name):
    """At the shape of the network's first attention, output and the gradients of all four inputs."""
    if name == "mmcv":
        request.getfixturevalue("with_mmcv")
    generator = torch.Generator().manual_seed(2)
    shapes = ((1, 512, 16, 16), (1, 18, 16, 16), (1, 9, 16, 16), (64, 512, 3, 3))
    tensors = [torch.randn(*shape, generator=generator).to(device).requires_grad_() for shape in shapes]
    found = output_and_gradients(OPERATORS[name], tensors)
    for ours, theirs in zip(found, output_and_gradients(torchvision_operator, tensors), strict=True):
        assert (ours - theirs).norm() <= 1e-6 * theirs.norm()


@pytest.mark.parametrize("name", OPERATORS)
def test_zero_offsets_and_full_masks_are_a_plain_convolution(request, name):
    if name == "mmcv":
        request.getfixturevalue("with_mmcv")
    feature, offset, mask, weight = inputs()
    found = OPERATORS[name](feature, torch.zeros_like(offset), torch.ones_like(mask), weight)
    torch.testing.assert_close(found, nn.functional.conv2d(feature, weight, padding=1))


def test_layer_begins_with_the_same_small_shift_everywhere():
    """Zero weights and random biases: offsets and masks do not depend on the image at the start."""
    layer = ModulatedDeformableConvolution(16, 16, "torchvision")
    offset = layer.offset(torch.randn(2, 16, 5, 5))
    assert torch.equal(offset, layer.offset.bias[None, :, None, None].expand_as(offset))
    assert 0 < offset.abs().max() <= 1 / 12  # torch draws a bias within 1 / sqrt(16 * 9)
    assert torch.count_nonzero(layer.mask.weight) == 0
    assert layer.bias is None


@pytest.mark.parametrize("name", ["mmcv", "gather"])
def test_state_dict_serves_all_operators_on_every_device(request, device, name, monkeypatch):
    if name == "mmcv":
        request.getfixturevalue("with_mmcv")
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    torch.manual_seed(0)
    images = torch.rand(2, 3, 64, 64)
    ours, theirs = ACSNet(deformable=name).eval(), ACSNet(deformable="torchvision").eval()
    theirs.load_state_dict(ours.state_dict())
    ours = ours.to(device)
    assert (ours.deformable_backend, theirs.deformable_backend) == (name, "torchvision")
    with torch.no_grad():
        for found, expected in zip(ours(images.to(device))[:2], theirs(images)[:2], strict=True):
            torch.testing.assert_close(found.cpu(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("compiled_for", "on_a_gpu"), [({"cpu", "cuda"}, "mmcv"), ({"cpu"}, "torchvision"), (set(), "torchvision")]
)
def test_auto_takes_the_fastest_that_the_device_has(monkeypatch, compiled_for, on_a_gpu):
    monkeypatch.setattr(deformable_convolution, "mmcv_devices", lambda: frozenset(compiled_for))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    layer = ModulatedDeformableConvolution(8, 8, "auto")
    assert (layer.backend("cpu"), layer.backend("cuda")) == ("gather", on_a_gpu)
    assert ACSNet().deformable_backend == "gather"


def test_forcing_a_missing_mmcv_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(deformable_convolution, "mmcv_devices", frozenset)
    with pytest.raises(ValueError, match="make mmcv"):
        ACSNet(deformable="mmcv")


def test_plain_convolution_is_no_backend():
    assert ACSNet(deformable="none").deformable_backend == "none"
    assert ACSNet(spatial_attention=False).deformable_backend == "none"


@pytest.mark.parametrize("name", OPERATORS)
def test_memory_format_changes_nothing(request, name):
    if name == "mmcv":
        request.getfixturevalue("with_mmcv")
    layer = ModulatedDeformableConvolution(16, 8, name)
    feature = torch.randn(2, 16, 6, 6)
    expected = layer(feature)
    found = layer.to(memory_format=torch.channels_last)(feature.to(memory_format=torch.channels_last))
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("name", OPERATORS)
def test_autocast_samples_in_float32(request, device, name):
    """Forward and backward run under bfloat16 autocast, for which no sampling operator has a kernel on the CPU."""
    if name == "mmcv":
        request.getfixturevalue("with_mmcv")
    layer = ModulatedDeformableConvolution(16, 8, name).to(device)
    feature = torch.randn(2, 16, 6, 6, device=device, requires_grad=True)
    with torch.autocast(device, torch.bfloat16):
        output = layer(feature)
    output.sum().backward()
    assert output.dtype == torch.float32
    torch.testing.assert_close(output, layer(feature), rtol=0.01, atol=0.01)
    assert torch.isfinite(layer.offset.weight.grad).all()


@pytest.mark.parametrize("name", OPERATORS)
def test_compiles(request, name):
    if name == "mmcv":
        request.getfixturevalue("with_mmcv")
    layer = ModulatedDeformableConvolution(16, 8, name)
    feature = torch.randn(2, 16, 6, 6)
    torch.testing.assert_close(torch.compile(layer, backend="eager")(feature), layer(feature))
