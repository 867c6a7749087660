"""The gather equals torchvision's operator in double precision, wherever it samples and however its inputs lie."""

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode
from torchvision.ops import deform_conv2d

from acsnet import gather_operator as module
from acsnet.deformable_convolution import ModulatedDeformableConvolution
from acsnet.gather_operator import gather_operator


def torchvision_operator(feature: Tensor, offset: Tensor, mask: Tensor, weight: Tensor) -> Tensor:
    return deform_conv2d(feature, offset, weight, padding=1, mask=mask)


def normal(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=torch.float64)


def inputs(batch=2, channels=6, outputs=5, height=7, width=9, offset=None) -> list[Tensor]:
    feature, mask = normal(batch, channels, height, width), normal(batch, 9, height, width).sigmoid()
    offset = normal(batch, 18, height, width) if offset is None else offset(normal(batch, 18, height, width))
    return [tensor.requires_grad_() for tensor in (feature, offset, mask, normal(outputs, channels, 3, 3))]


def output_and_gradients(operator, tensors: list[Tensor]) -> list[Tensor]:
    output = operator(*tensors)
    return [output, *torch.autograd.grad(output, tensors, normal(*output.shape))]


def assert_equals_torchvision(tensors: list[Tensor]) -> None:
    expected = output_and_gradients(torchvision_operator, tensors)
    for found, wanted in zip(output_and_gradients(gather_operator, tensors), expected, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    "offset",
    [
        torch.zeros_like,
        pytest.param(lambda normal: 0.1 * normal, id="a little outside"),
        pytest.param(lambda normal: 50 * normal, id="far outside"),
        pytest.param(lambda normal: (2 * normal).round(), id="whole pixels"),
        pytest.param(lambda normal: (2 * normal).round() / 2, id="half pixels"),
    ],
)
@pytest.mark.parametrize("shape", [(2, 6, 5, 7, 9), (1, 7, 3, 9, 4), (3, 8, 8, 1, 6), (1, 1, 1, 1, 1)])
def test_equals_torchvision(offset, shape):
    """At whole pixels too, where bilinear sampling has a slope on each side; mmcv's is another at -1."""
    assert_equals_torchvision(inputs(*shape, offset=offset))


def test_equals_torchvision_however_the_inputs_lie_in_memory():
    feature, offset, mask, weight = (tensor.detach() for tensor in inputs())
    assert_equals_torchvision(
        [
            feature.mT.contiguous().mT.requires_grad_(),
            offset.flip(1)[:, ::1].requires_grad_(),
            mask.repeat_interleave(2, 3)[..., ::2].requires_grad_(),
            weight.permute(3, 2, 1, 0).contiguous().permute(3, 2, 1, 0).requires_grad_(),
        ]
    )


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_keeps_the_memory_format(memory_format):
    tensors = [tensor.detach().to(memory_format=memory_format).requires_grad_() for tensor in inputs()]
    assert_equals_torchvision(tensors)
    assert gather_operator(*tensors).is_contiguous(memory_format=memory_format)


@pytest.mark.parametrize(("y", "share"), [(-1.5, 0), (-1, 0), (-0.75, 0.25), (0, 1), (3, 1), (3.25, 0.75), (4, 0)])
def test_what_lies_outside_is_zero(y, share):
    """The centre tap alone, on a feature of ones: what is left of one where the sample lies at row y of four."""
    weight = torch.zeros(1, 1, 3, 3)
    weight[0, 0, 1, 1] = 1
    offset = torch.zeros(1, 18, 4, 1)
    offset[0, 8] = y - torch.arange(4.0)[:, None]
    found = gather_operator(torch.ones(1, 1, 4, 1), offset, torch.ones(1, 9, 4, 1), weight)
    assert found.flatten().tolist() == [share] * 4


def test_gradients_are_those_of_finite_differences():
    tensors = inputs(batch=1, channels=2, outputs=2, height=4, width=3)
    assert torch.autograd.gradcheck(gather_operator, tensors)


def test_blocks_of_images_change_nothing(monkeypatch):
    """Five images in blocks of two: the last block is smaller."""
    tensors = inputs(batch=5)
    monkeypatch.setattr(module, "BLOCK", 2 * 7 * 9 * 9 * 5)
    assert [block.stop - block.start for block in module.blocks(5 * 63, 63, 5)] == [126, 126, 63]
    assert_equals_torchvision(tensors)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 1e30])
def test_offsets_that_are_no_numbers_are_not_hidden(number):
    """Not a number gives not a number; what is infinitely far is outside. Neither reads past the feature."""
    feature, offset, mask, weight = (tensor.detach().float() for tensor in inputs())
    found = gather_operator(feature, torch.full_like(offset, number), mask, weight)
    assert found.isnan().all() if number != number else found.eq(0).all()


def test_sums_are_in_the_offsets_type_and_products_in_the_features():
    """bfloat16 rounds features, weights and products (8 bits each), not positions: 100.3 stays apart from 100."""
    tensors = [tensor.detach().float() for tensor in inputs(height=3, width=200)]
    feature, offset, mask, weight = tensors
    offset += 60.3
    expected = gather_operator(*tensors)
    found = gather_operator(feature.bfloat16(), offset, mask, weight.bfloat16())
    assert found.dtype == torch.float32
    assert (found - expected).norm() <= 2**-7 * expected.norm()


def test_bfloat16_autocast_trains():
    layer = ModulatedDeformableConvolution(16, 8, "gather")
    feature = normal(2, 16, 6, 6).float().requires_grad_()
    gradients = []
    for enabled in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            loss = layer(feature).square().mean()
        gradients.append(torch.autograd.grad(loss, [feature, *layer.parameters()]))
    for wanted, found in zip(*gradients, strict=True):
        assert found.dtype == torch.float32
        assert (found - wanted).norm() <= 0.03 * wanted.norm()


def test_is_one_operation_to_torch():
    """Schema, gradients, shapes without values and tracing with a backward pass, as torch itself checks them."""
    rows, taps = normal(2 * 12, 4).requires_grad_(), normal(9 * 3, 4).requires_grad_()
    index, share = module.neighbours(normal(2, 18, 3, 4), normal(2, 9, 3, 4))
    torch.library.opcheck(module.sampled_products, (rows, taps, index, share.requires_grad_(), 12, True))


def test_compiles_with_its_backward_pass():
    layer = ModulatedDeformableConvolution(4, 3, "gather")
    traced = torch.compile(layer, backend="aot_eager", fullgraph=True)
    feature = normal(2, 4, 5, 6).float().requires_grad_()
    found, wanted = (torch.autograd.grad(f(feature).square().sum(), [feature, layer.weight]) for f in (traced, layer))
    torch.testing.assert_close(found, wanted)


def test_tensors_without_values_have_their_shape_and_device():
    with FakeTensorMode():
        tensors = [torch.empty(s, device="cuda") for s in ((2, 4, 5, 6), (2, 18, 5, 6), (2, 9, 5, 6), (3, 4, 3, 3))]
        found = gather_operator(*tensors)
    assert (found.shape, found.device.type) == ((2, 3, 5, 6), "cuda")


def test_a_counter_of_operations_meets_no_matrix_product():
    """As with torchvision's and mmcv's, so that who counts adds deformable convolutions for every operator alike."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        gather_operator(*inputs())
    assert counter.get_total_flops() == 0
