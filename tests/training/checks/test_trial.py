"""What a network cannot do is said before it trains; a fault of its own code is not disguised."""

import dataclasses

import pytest
import timm
import torch
from torch import nn

from benchmarks.configuration import Model, read_parameters
from benchmarks.errors import UserError
from benchmarks.training import data
from benchmarks.training.checks.trial import check_network, try_out


class NeedsRoom(nn.Module):
    """Four 7x7 convolutions of stride 2 without padding: 32 pixels are used up before the last."""

    citation, licence, fidelity, expected_parameters = "made for a test", "MIT", "faithful", 4 * 444 + 8

    def __init__(self, classes: int = 2):
        super().__init__()
        self.layers = nn.Sequential(*(nn.Conv2d(3, 3, 7, stride=2) for _ in range(4)))
        self.classifier = nn.Linear(3, classes)

    def forward(self, images):
        return None, self.classifier(self.layers(images).mean((2, 3))), {}


class Broken(NeedsRoom):
    def forward(self, images):
        return None, self.classifier(images), {}


class Lone(NeedsRoom):
    def forward(self, images):
        return self.classifier(images.mean((2, 3)))


def trial(cell, **model) -> float:
    cell = dataclasses.replace(cell, model=Model(**model))
    return try_out(cell, data.load("tiny", cell.benchmark, torch.device("cpu")), seed=0, fold=0)


def test_images_too_small_for_a_network_are_named(make_cell):
    with pytest.raises(
        UserError, match=r"test_trial:NeedsRoom cannot train on batches of 8 images of 32 pixels.*image_"
    ):
        trial(make_cell(), network="tests.training.checks.test_trial:NeedsRoom")


def test_a_fault_of_the_networks_code_is_told_with_its_place(make_cell):
    message = r"tiny/toy: the network's own code fails: .*:Broken, checks/test_trial\.py line \d+: RuntimeError: mat1"
    with pytest.raises(UserError, match=message):
        trial(make_cell(), network="tests.training.checks.test_trial:Broken")


def test_a_broken_contract_is_named_before_training(make_cell):
    message = r"test_trial:Lone: forward: expected \(mask logits .* found a tensor \(2, 2\)\. See docs/contracts\.md"
    with pytest.raises(UserError, match=message):
        trial(make_cell(), network="tests.training.checks.test_trial:Lone")


def test_weights_that_cannot_be_fetched_are_named_in_one_line(make_cell, monkeypatch):
    create = timm.create_model

    def without_network(name, pretrained=False, **options):
        if pretrained:
            raise OSError("no route\nto the host")
        return create(name, **options)

    monkeypatch.setattr(timm, "create_model", without_network)
    with pytest.raises(UserError, match=r"could not be fetched.*no route.*Set encoder_weights to none") as raised:
        trial(make_cell(), network="baselines.image_classifier:ImageClassifier", encoder_weights="imagenet")
    assert "\n" not in str(raised.value)


def test_weights_of_another_network_are_named_in_one_line(make_cell, tmp_path):
    path = tmp_path / "weights.pt"
    torch.save(nn.Linear(2, 2).state_dict(), path)
    with pytest.raises(UserError, match=r"weights\.pt: these are not the weights of this encoder") as raised:
        trial(make_cell(), network="baselines.image_classifier:ImageClassifier", encoder_weights=str(path))
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) <= 400


@pytest.mark.parametrize(
    ("network", "sources", "message"),
    [
        ("baselines.unet:UNet", {"segmentation": "unet"}, "UNet takes no initialise_from"),
        (
            "baselines.cross_stitch:CrossStitch",
            {"segmentation": "deeplab_segmentation", "classification": "resnet18"},
            "expected the weights of a SingleTaskDeepLab with task: classification",
        ),
        (
            "baselines.cross_stitch:CrossStitch",
            {"segmentation": "deeplab_segmentation"},
            "expected a model for each of",
        ),
    ],
)
def test_networks_that_one_cannot_start_from_are_named_before_they_are_trained(repository, network, sources, message):
    parameters = read_parameters(repository / "params.yaml")
    mine = Model(network, initialise_from=sources)
    with pytest.raises(UserError, match=message):
        check_network(dataclasses.replace(parameters, models=parameters.models | {"mine": mine}), "mine")
