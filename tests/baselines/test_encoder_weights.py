"""Encoder weights of the baselines: from a library, from a file, and what is said when they cannot be had."""

import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import resnet18, resnet34

from baselines.dilated_resnet import DilatedResNet
from baselines.encoder_weights import with_encoder_weights
from baselines.image_classifier import ImageClassifier
from baselines.shared_encoder import SharedEncoder
from benchmarks.errors import UserError


@pytest.fixture
def state() -> dict:
    torch.manual_seed(3)
    return resnet18().state_dict()


def stage_weight(network) -> torch.Tensor:
    """The same tensor in each of the three networks built on ResNet-18."""
    encoders = {
        DilatedResNet: lambda: network,
        SharedEncoder: lambda: network.network.encoder,
        ImageClassifier: lambda: network.network,
    }
    return encoders[type(network)]().layer4[1].conv2.weight


@pytest.mark.parametrize("network", [DilatedResNet, SharedEncoder, ImageClassifier])
@pytest.mark.parametrize("name", ["resnet18.pth", "resnet18.safetensors"])
def test_file_reaches_the_encoder(tmp_path, state, network, name):
    path = tmp_path / name
    without_classifier = {k: v for k, v in state.items() if not k.startswith("fc.")}
    if network is ImageClassifier:
        without_classifier |= {"fc.weight": torch.zeros(2, 512), "fc.bias": torch.zeros(2)}
    save_file(without_classifier, path) if path.suffix == ".safetensors" else torch.save(without_classifier, path)
    built = network(encoder_weights=str(path))
    assert torch.equal(stage_weight(built), state["layer4.1.conv2.weight"])


@pytest.mark.parametrize("network", [DilatedResNet, SharedEncoder, ImageClassifier])
def test_file_of_the_thousand_classes_serves(tmp_path, state, network):
    torch.save(state, tmp_path / "resnet18.pth")
    built = network(encoder_weights=str(tmp_path / "resnet18.pth"))
    assert torch.equal(stage_weight(built), state["layer4.1.conv2.weight"])


@pytest.mark.parametrize("network", [DilatedResNet, SharedEncoder, ImageClassifier])
def test_other_network_is_named_tensor_by_tensor(tmp_path, network):
    torch.save(resnet34().state_dict(), tmp_path / "resnet34.pth")
    with pytest.raises(UserError, match=r"resnet34.pth: these are not the weights(.*\n)*.*layer3.5.conv2"):
        network(encoder_weights=str(tmp_path / "resnet34.pth"))


def test_missing_file_is_named():
    with pytest.raises(UserError, match="expected none, imagenet or a file; 'imagenett' does not exist"):
        DilatedResNet(encoder_weights="imagenett")


def test_file_of_another_kind_is_named(tmp_path):
    (tmp_path / "weights.pth").write_text("<html>not found</html>")
    with pytest.raises(UserError, match=r"weights.pth: not a readable state dict"):
        DilatedResNet(encoder_weights=str(tmp_path / "weights.pth"))


def test_imagenet_weights_come_from_the_library(monkeypatch, state):
    asked = []
    fetch = "torchvision.models._api.load_state_dict_from_url"
    monkeypatch.setattr(fetch, lambda url, **_: asked.append(url) or state)
    assert torch.equal(stage_weight(DilatedResNet(encoder_weights="imagenet")), state["layer4.1.conv2.weight"])
    assert asked == ["https://download.pytorch.org/models/resnet18-f37072fd.pth"]


def test_unreachable_imagenet_weights_say_how_to_go_on():
    def construct(pretrained):
        assert pretrained
        raise OSError("no route to host")

    with pytest.raises(UserError, match=r"imagenet: .*no route to host.*\n.*encoder_weights to none"):
        with_encoder_weights(construct, "imagenet")


@pytest.mark.parametrize("network", [SharedEncoder, ImageClassifier])
def test_unreachable_hub_ends_in_the_same_message(monkeypatch, tmp_path, network):
    """Both libraries fetch from a model hub; offline, with an empty cache, each fails in its own way."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("torch.hub.load_state_dict_from_url", refuse)
    monkeypatch.setattr("timm.models._builder.load_state_dict_from_url", refuse)
    with pytest.raises(UserError, match="encoder_weights to none"):
        network(encoder_weights="imagenet")


def refuse(*_, **__):
    raise OSError("offline")
