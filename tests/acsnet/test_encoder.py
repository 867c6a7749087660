"""Where ACSNet's encoder weights come from, and what is said when they cannot be had."""

from urllib.error import URLError

import pytest
import torch
from torchvision.models import resnet18, resnet34

from acsnet.encoder import Encoder

FETCH = "torchvision.models._api.load_state_dict_from_url"


@pytest.fixture
def state() -> dict:
    torch.manual_seed(3)
    return resnet18().state_dict()


def assert_holds(encoder: Encoder, state: dict) -> None:
    assert torch.equal(encoder.layer0[0].weight, state["conv1.weight"])
    assert torch.equal(encoder.layer1[1][1].conv2.weight, state["layer1.1.conv2.weight"])
    assert torch.equal(encoder.layer4[0].downsample[0].weight, state["layer4.0.downsample.0.weight"])


def test_imagenet_weights_reach_the_encoder(monkeypatch, state):
    asked = []
    monkeypatch.setattr(FETCH, lambda url, **_: asked.append(url) or state)
    assert_holds(Encoder("imagenet"), state)
    assert asked == ["https://download.pytorch.org/models/resnet18-f37072fd.pth"]


@pytest.mark.parametrize(
    "failure", [URLError("no route to host"), OSError("no space"), RuntimeError("invalid hash value")]
)
def test_unreachable_imagenet_weights_say_how_to_go_on(monkeypatch, failure):
    def fail(*_, **__):
        raise failure

    monkeypatch.setattr(FETCH, fail)
    with pytest.raises(RuntimeError, match=r"resnet18-f37072fd.*\n.*encoder_weights to none"):
        Encoder("imagenet")


@pytest.mark.parametrize("with_classifier", [True, False])
def test_file_reaches_the_encoder(tmp_path, state, with_classifier):
    path = tmp_path / "resnet18.pth"
    torch.save({k: v for k, v in state.items() if with_classifier or not k.startswith("fc.")}, path)
    assert_holds(Encoder(str(path)), state)


def test_file_of_1000_classes_or_of_5_serves_alike(tmp_path):
    state = resnet18(num_classes=5).state_dict()
    torch.save(state, tmp_path / "five.pth")
    assert_holds(Encoder(str(tmp_path / "five.pth")), state)


def test_other_network_is_named_tensor_by_tensor(tmp_path):
    path = tmp_path / "resnet34.pth"
    torch.save(resnet34().state_dict(), path)
    with pytest.raises(
        RuntimeError, match=r"resnet34.pth: these are not the weights of a ResNet-18.*(\n.*)*layer3.5.conv2"
    ):
        Encoder(str(path))


def test_missing_tensor_is_named(tmp_path, state):
    del state["layer2.0.conv1.weight"]
    torch.save(state, tmp_path / "short.pth")
    with pytest.raises(RuntimeError, match=r"short.pth(.*\n)*.*Missing.*layer2.0.conv1.weight"):
        Encoder(str(tmp_path / "short.pth"))


def test_missing_file_is_named():
    with pytest.raises(RuntimeError, match=r"expected none, imagenet or a file; 'imagenett' does not exist"):
        Encoder("imagenett")


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>"])
def test_file_of_another_kind_is_named(tmp_path, content):
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(RuntimeError, match=r"weights.pth: not a readable state dict"):
        Encoder(str(path))
