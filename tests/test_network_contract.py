"""Every model of params.yaml against the network contract of docs/contracts.md. A new model needs nothing here.

Each is held to every promise of `benchmarks/training/checks/promises.py`, the largest as well. Its parameters are those
stated to half a per cent, ACSNet's exactly.
"""

import os
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from acsnet import ACSNet, deformable_convolution
from benchmarks import networks
from benchmarks.configuration import Model, Recipe, read_parameters
from benchmarks.training.checks.batch import CannotBeTried
from benchmarks.training.checks.imagined_gpu import fault_of_device, losses_on_an_imagined_gpu
from benchmarks.training.checks.precisions import fault_of_float64, float32_operations, float64_by_default
from benchmarks.training.checks.promises import PROMISES, Promise, Subject

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
def subject(model: Model) -> Subject:
    """Built once for all checks of a model, from random weights even where the model asks for others."""
    return Subject(model, CLASSES, recipe_of(model))


def recipe_of(model: Model) -> Recipe:
    """A model's own recipe where it is trained by that; else one for all."""
    return PARAMETERS.recipes[model.recipe if model.own_recipe and model.recipe else "paper"]


def is_fitted_elsewhere(model: Model) -> bool:
    """Whether a model is in none but studies of many like it: the training command fits each before it trains."""
    name = next(name for name, entry in PARAMETERS.models.items() if entry is model)
    studies = [study for study, content in PARAMETERS.studies.items() if name in content.models]
    return set(studies) <= {"networks", "ablation"} and not os.environ.get("FIT_ALL")


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
def test_promise(model: Model, subject: Subject, promise: Promise, monkeypatch):
    """FIT_ALL=1 in the environment fits every network to two images, in some minutes more."""
    if promise.name == "fit" and is_fitted_elsewhere(model):
        pytest.skip("fitted before it is trained; FIT_ALL=1 does it here")
    if promise.name == "device":  # mmcv's operator has no form without values
        monkeypatch.setattr(deformable_convolution, "mmcv_operator", deformable_convolution.torchvision_operator)
    try:
        assert promise.fault(subject) is None
    except CannotBeTried as error:
        pytest.skip(str(error))


def test_acsnets_parameters_are_counted_exactly(model, subject):
    if isinstance(subject.network, ACSNet):
        assert networks.parameter_count(subject.network) == networks.expected_parameters(model)


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


def test_a_float32_tensor_on_the_way_is_noticed():
    with float64_by_default():
        names, given = float32_operations(Forgetful())
        fault = fault_of_float64(Forgetful())
    assert names == {"aten._to_copy.default"}
    assert {tensor.dtype for tensor in given} == {torch.float64}
    assert "float32 tensors (aten._to_copy.default)" in str(fault)


def test_a_tensor_left_on_the_cpu_is_noticed():
    with pytest.raises(RuntimeError, match="two different devices"):
        losses_on_an_imagined_gpu(Careless())
    assert "two different devices" in str(fault_of_device(Careless()))
