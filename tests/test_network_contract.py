"""Every model of params.yaml against the network contract of docs/contracts.md. A new model needs nothing here.

Each is trained for a step at 64 pixels and evaluated at 256, the largest as well. Its parameters are those stated to
half a per cent, ACSNet's exactly.
"""

import dataclasses
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import DataDependentOutputException, DynamicOutputShapeException, FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from acsnet import ACSNet, deformable_convolution
from benchmarks import networks
from benchmarks.configuration import Model, Recipe, read_parameters
from benchmarks.training.checks.card import fault_of_card
from benchmarks.training.checks.contract import fault_of
from benchmarks.training.checks.evaluation_mode import fault_of_evaluation, fault_of_modes, fault_of_seeding
from benchmarks.training.checks.two_images import EXEMPTION, fault_of_fit
from benchmarks.training.evaluation import task_losses

PARAMETERS = read_parameters(Path(__file__).parents[1] / "params.yaml")
CLASSES = 2


def different_networks() -> list[str]:
    """Every model's name, but one for models whose networks are the same and trained by the benchmark's recipe."""
    first: dict[str, str] = {}
    for name, entry in PARAMETERS.models.items():
        own = entry.recipe if entry.own_recipe else None
        first.setdefault(f"{entry.network} {sorted(entry.arguments.items())} {own}", name)
    return list(first.values())


@pytest.fixture(scope="module", params=different_networks())
def model(request) -> Model:
    """One model after the other: pytest runs all checks of one before it builds the next."""
    return PARAMETERS.models[request.param]


@pytest.fixture(scope="module")
def network(model: Model) -> nn.Module:
    """Built once for all checks of a model, from random weights even where the model asks for others."""
    return build(model, seed=0)


@dataclass
class Step:
    """What one training step gave."""

    mask_logits: Tensor | None
    class_logits: Tensor | None
    auxiliary: dict
    losses: dict[str, Tensor]
    gradients: dict[str, Tensor | None]


@pytest.fixture(scope="module")
def step(model, network) -> Step:
    """Forward and backward in training mode on two images of 64 x 64 pixels."""
    fault = fault_of(network, CLASSES, 64)
    assert fault is None, fault
    images, masks, labels = batch(2, 64)
    network.train()
    mask_logits, class_logits, auxiliary = network(images)
    if hasattr(network, "losses"):
        losses = network.losses(images, masks, labels)
    else:
        losses = task_losses(recipe_of(model), mask_logits, class_logits, masks, labels)
    sum(losses.values()).backward()
    gradients = {name: p.grad for name, p in network.named_parameters() if p.requires_grad}
    network.zero_grad()
    network.eval()
    return Step(mask_logits, class_logits, auxiliary, losses, gradients)


def recipe_of(model: Model) -> Recipe:
    """A model's own recipe where it is trained by that; else one for all."""
    return PARAMETERS.recipes[model.recipe if model.own_recipe and model.recipe else "paper"]


def build(model: Model, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    arguments = {name: value for name, value in model.arguments.items() if name != "encoder_weights"}
    return networks.build(dataclasses.replace(model, arguments=arguments, encoder_weights="none"), classes=CLASSES)


def batch(size: int, side: int) -> tuple[Tensor, Tensor, Tensor]:
    """Images, masks with a lesion each, and labels of both classes."""
    generator = torch.Generator().manual_seed(side)
    masks = torch.zeros(size, 1, side, side)
    masks[..., side // 4 : side // 2, side // 3 : 2 * side // 3] = 1
    return torch.randn(size, 3, side, side, generator=generator) + masks, masks, torch.arange(size) % CLASSES


def plain_losses(mask_logits, class_logits, masks, labels) -> dict[str, Tensor]:
    losses = {}
    if mask_logits is not None:
        losses["segmentation"] = nn.functional.binary_cross_entropy_with_logits(mask_logits, masks)
    if class_logits is not None:
        losses["classification"] = nn.functional.cross_entropy(class_logits, labels)
    return losses


def evaluate(network: nn.Module, images: Tensor) -> list[Tensor]:
    """The logits that the network gives in evaluation mode, those of a head that it lacks left out."""
    with torch.no_grad():
        mask_logits, class_logits, auxiliary = network.eval()(images)
    assert isinstance(auxiliary, dict)
    return [logits for logits in (mask_logits, class_logits) if logits is not None]


def assert_shapes(mask_logits, class_logits, size: int, side: int) -> None:
    assert mask_logits is not None or class_logits is not None, "a network without any head"
    if mask_logits is not None:
        assert mask_logits.shape == (size, 1, side, side), "mask logits"
    if class_logits is not None:
        assert class_logits.shape == (size, CLASSES), "class logits"


def test_card(model, network):
    assert fault_of_card(model, network) is None


def test_acsnets_parameters_are_counted_exactly(model, network):
    if isinstance(network, ACSNet):
        assert networks.parameter_count(network) == networks.expected_parameters(model)


def test_modes(network):
    assert fault_of_modes(network) is None


def test_draws_are_left_alone(network):
    assert fault_of_seeding(network) is None


def test_trains_at_64_pixels(step):
    assert isinstance(step.auxiliary, dict)
    assert all(logits.isfinite().all() for logits in (step.mask_logits, step.class_logits) if logits is not None)


def test_losses(step):
    heads = {"segmentation": step.mask_logits, "classification": step.class_logits}
    assert set(step.losses) == {task for task, logits in heads.items() if logits is not None}
    for task, loss in step.losses.items():
        assert loss.shape == (), task
        assert math.isfinite(loss.item()), task


def test_gradients_reach_every_parameter(step):
    assert [name for name, gradient in step.gradients.items() if gradient is None] == [], "unused parameters"
    assert [name for name, gradient in step.gradients.items() if not gradient.isfinite().all()] == []


def test_evaluates_at_256_pixels(network):
    images, _, _ = batch(1, 256)
    with torch.no_grad():
        mask_logits, class_logits, _ = network.eval()(images)
    assert_shapes(mask_logits, class_logits, size=1, side=256)
    assert all(logits.isfinite().all() for logits in (mask_logits, class_logits) if logits is not None)


def test_evaluates_as_it_trained(model, network, step):
    """Finite, the same twice, each image alone as in a batch, and the same from its state dict."""
    assert fault_of_evaluation(network, lambda: build(model, seed=1), learned=False) is None


def is_fitted_elsewhere(model: Model) -> bool:
    """Whether a model stands in the study `networks` alone: the training command fits it before its one epoch."""
    name = next(name for name, entry in PARAMETERS.models.items() if entry is model)
    studies = [study for study, content in PARAMETERS.studies.items() if name in content.models]
    return studies == ["networks"] and not os.environ.get("FIT_ALL")


def test_fits_two_images(model):
    """Right classes, masks the right way up; FIT_ALL=1 in the environment fits every network, in some minutes more."""
    if is_fitted_elsewhere(model):
        pytest.skip("fitted before it is trained; FIT_ALL=1 does it here")
    network = build(model, seed=0)
    assert fault_of_fit(network) is None
    learned = not getattr(network, EXEMPTION, None)
    assert fault_of_evaluation(network, lambda: build(model, seed=1), learned) is None


def test_bfloat16_autocast(network):
    images, _, _ = batch(2, 64)
    try:
        with torch.autocast("cpu", torch.bfloat16):
            outputs = evaluate(network, images)
    except (RuntimeError, NotImplementedError) as error:
        if "not implemented for 'BFloat16'" not in str(error):
            raise
        pytest.skip(f"no bfloat16 kernel on the CPU: {error}")
    assert all(logits.isfinite().all() for logits in outputs)


class TrainingLosses(nn.Module):
    """A network's losses as a module, so that torch.func can compute them with other tensors than the network's."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        if hasattr(self.network, "losses"):
            return self.network.losses(images, masks, labels)
        mask_logits, class_logits, _ = self.network(images)
        return plain_losses(mask_logits, class_logits, masks, labels)


class Float32Operations(TorchDispatchMode):
    """Notes the operations that give float32 tensors, but of numbers that float32 and float64 hold alike: whole ones
    (labels, coordinates of pixels) and halves of halves of them (strides)."""

    def __init__(self):
        super().__init__()
        self.names: set[str] = set()

    def __torch_dispatch__(self, function, types, arguments=(), keywords=None):
        given = function(*arguments, **(keywords or {}))
        tensors = [t for t in tree_leaves(given) if isinstance(t, Tensor) and t.dtype == torch.float32]
        if "empty" not in str(function) and any((1024 * t).frac().any() for t in tensors):
            self.names.add(str(function))
        return given


@pytest.fixture
def float64():
    """float64 where nothing else is said; float32 again afterwards."""
    torch.set_default_dtype(torch.float64)
    yield torch.float64
    torch.set_default_dtype(torch.float32)


def float32_operations(network: nn.Module) -> tuple[set[str], list[Tensor]]:
    """What the losses, their gradients and an evaluation compute in float32, and the tensors that they give."""
    images, masks, labels = batch(2, 64)
    with Float32Operations() as operations:
        losses = TrainingLosses(network.train())(images, masks, labels)
        sum(losses.values()).backward()
        logits = evaluate(network, images)
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    return operations.names, [*losses.values(), *gradients, *logits]


def test_float64_throughout(model, float64):
    names, given = float32_operations(build(model, seed=0))
    assert names == set()
    assert {tensor.dtype for tensor in given} == {float64}


# .numpy() raises a plain RuntimeError in torch 2.11, which is told by its text
DEPEND_ON_VALUES = (DynamicOutputShapeException, DataDependentOutputException, NotImplementedError)


def losses_on_an_imagined_gpu(network: nn.Module) -> dict[str, Tensor]:
    return on_an_imagined_gpu(TrainingLosses(network), batch(2, 64))


def on_an_imagined_gpu(module: nn.Module, tensors: Sequence[Tensor]) -> Any:
    """What a module in training mode gives for tensors without values, said to lie on a GPU as its own do.

    torch refuses an operation between two devices on such tensors too.
    """
    state = dict([*module.named_parameters(), *module.named_buffers()])
    kinds = {name: (tensor.shape, tensor.dtype) for name, tensor in state.items()}
    given_kinds = [(tensor.shape, tensor.dtype) for tensor in tensors]
    module.train()
    try:
        with FakeTensorMode():
            state = {name: torch.empty(shape, dtype=dtype, device="cuda") for name, (shape, dtype) in kinds.items()}
            given = tuple(torch.empty(shape, dtype=dtype, device="cuda") for shape, dtype in given_kinds)
            return torch.func.functional_call(module, state, given)
    except RuntimeError as error:
        if ".numpy() is not supported" in str(error):
            raise NotImplementedError(str(error)) from error
        raise
    finally:
        module.eval()


def test_keeps_to_its_device(network, monkeypatch):
    monkeypatch.setattr(deformable_convolution, "mmcv_operator", deformable_convolution.torchvision_operator)
    try:
        found = losses_on_an_imagined_gpu(network).values()
    except DEPEND_ON_VALUES:
        try:
            found = on_an_imagined_gpu(network, batch(2, 64)[:1])[:2]
        except DEPEND_ON_VALUES as error:
            pytest.skip(f"its shapes depend on values: {error}")
    assert {tensor.device.type for tensor in found if tensor is not None} == {"cuda"}


class Careless(nn.Module):
    """Adds to its logits a tensor that it makes without a device."""

    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(3, 1, 1)

    def forward(self, images: Tensor):
        return self.convolution(images) + torch.zeros(1, 1, 64, 64), None, {}


class Forgetful(nn.Module):
    """Rounds its features to float32 and gives them back in the images' precision."""

    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(3, 1, 1)

    def forward(self, images: Tensor):
        return self.convolution(images).float().to(images.dtype), None, {}


def test_a_float32_tensor_on_the_way_is_noticed(float64):
    names, given = float32_operations(Forgetful())
    assert names == {"aten._to_copy.default"}
    assert {tensor.dtype for tensor in given} == {float64}


def test_a_tensor_left_on_the_cpu_is_noticed():
    with pytest.raises(RuntimeError, match="two different devices"):
        losses_on_an_imagined_gpu(Careless())
