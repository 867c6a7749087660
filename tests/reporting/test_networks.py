"""Counting against published figures and closed forms; the page from a few measurements."""

import dataclasses

import pandas as pd
import pytest
import timm
import torch
from torch import nn
from torchvision.models import ResNet18_Weights, ViT_B_16_Weights

from acsnet.deformable_convolution import ModulatedDeformableConvolution
from benchmarks.configuration import Model, read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting import networks


@pytest.mark.parametrize(
    ("architecture", "weights"),
    [("resnet18", ResNet18_Weights.IMAGENET1K_V1), ("vit_base_patch16_224", ViT_B_16_Weights.IMAGENET1K_V1)],
)
def test_multiply_adds_are_those_that_torchvision_publishes(architecture, weights):
    found = networks.multiply_adds(timm.create_model(architecture), 224)
    assert found / 1e9 == pytest.approx(weights.meta["_ops"], rel=2e-3)


def test_deformable_convolution_is_counted_with_its_offsets_and_masks():
    """3x3 at each of 16 x 16 places: 4 to 6 channels, and 4 to 18 offsets and 9 masks."""
    network = nn.Sequential(nn.Conv2d(3, 4, 1), ModulatedDeformableConvolution(4, 6, "torchvision"))
    assert networks.multiply_adds(network, 16) == 16 * 16 * (3 * 4 + 9 * 4 * (6 + 18 + 9))


@pytest.fixture
def parameters():
    known = read_parameters("params.yaml")
    chosen = {name: known.models[name] for name in ("shared_unet", "resnet18")}
    return dataclasses.replace(known, models=chosen)


def test_two_classes_of_one_file_are_two_networks():
    first, second = (Model(network=f"baselines.ggnet:{name}") for name in ("GGNet", "GGNetMT"))
    assert networks.digest(first) != networks.digest(second)


@pytest.fixture
def measuring(monkeypatch):
    """Puts a note of what is measured in the place of the measuring."""
    noted = []

    def measure(model, recipe):
        noted.append(model.network)
        return {"heads": "both", "parameters": 1, "multiply_adds": 2, "seconds": 3.0, "machine": "abacus"}

    monkeypatch.setattr(networks, "measure", measure)
    return noted


def test_only_what_changed_is_measured_again(tmp_path, parameters, measuring):
    path = tmp_path / "networks.csv"
    networks.measured_networks(parameters, [], path)
    assert len(measuring) == 2
    networks.measured_networks(parameters, [], path)
    assert len(measuring) == 2
    changed = dataclasses.replace(parameters.models["resnet18"], arguments={"architecture": "resnet34"})
    parameters.models["resnet18"] = changed
    networks.measured_networks(parameters, [], path)
    assert measuring[2:] == [changed.network]
    networks.measured_networks(parameters, ["shared_unet"], path)
    assert measuring[3:] == [parameters.models["shared_unet"].network]


def test_what_was_measured_outlives_a_failure(tmp_path, parameters, monkeypatch, measuring):
    path = tmp_path / "networks.csv"
    measure = networks.measure

    def fail_on_the_second(*arguments):
        if measuring:
            raise RuntimeError("out of memory")
        return measure(*arguments)

    monkeypatch.setattr(networks, "measure", fail_on_the_second)
    with pytest.raises(RuntimeError):
        networks.measured_networks(parameters, [], path)
    assert pd.read_csv(path)["model"].tolist() == ["shared_unet"]


def test_models_that_differ_in_training_alone_are_measured_once(tmp_path, parameters, measuring):
    parameters.models["resnet18_pretrained"] = dataclasses.replace(
        parameters.models["resnet18"], encoder_weights="imagenet"
    )
    measured = networks.measured_networks(parameters, [], tmp_path / "networks.csv")
    assert measured["model"].tolist() == ["shared_unet", "resnet18"]
    reported = pd.DataFrame(columns=["table"])
    assert "- `resnet18`: `resnet18_pretrained`\n" in networks.page(parameters, measured, reported)


def test_acsnet_with_a_part_taken_out_is_called_an_ablation():
    models = read_parameters("params.yaml").models
    assert networks.fidelity(models["acsnet"]) == "faithful"
    assert networks.fidelity(dataclasses.replace(models["acsnet"], arguments={"gates": False})) == "ablation"


def test_unknown_model_is_named(tmp_path, parameters):
    with pytest.raises(UserError, match=r"no model is called 'resnet81'.*resnet18"):
        networks.measured_networks(parameters, ["resnet81"], tmp_path / "networks.csv")


def test_page_keeps_quoted_numbers_apart(tmp_path, parameters, measuring):
    measured = networks.measured_networks(parameters, [], tmp_path / "networks.csv")
    quoted = [
        ("T", "their split", "S", "Net", "resnet18", "BUSI", "Dice", ".70"),
        ("T", "", "S", "Web", "", "BUSI", "IoU", "6"),
    ]
    reported = pd.DataFrame(
        quoted, columns=["table", "protocol", "source", "network", "model", "dataset", "metric", "value"]
    )
    ours, _, theirs = networks.page(parameters, measured, reported).partition("## Numbers reported by others")
    assert "| `shared_unet` | 0.00 | 0.00 | 3.00 |" in ours
    assert "one thread of abacus" in ours
    assert ".70" not in ours
    assert "| Net | `resnet18` | S | .70 |  |" in theirs
    assert "| Web |  | S |  | 6 |" in theirs


def test_every_architecture_of_the_parameters_has_its_paper():
    for model in read_parameters("params.yaml").models.values():
        assert "documentation" not in networks.citation(model), model


def test_heads():
    class Classifier(nn.Module):
        def forward(self, images):
            return None, torch.zeros(len(images), 2), {}

    assert networks.heads(Classifier()) == "classification"
