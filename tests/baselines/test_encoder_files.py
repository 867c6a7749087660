"""Encoders that begin from a file: the state dict of the library's whole classifier serves."""

import pytest
import timm
import torch
import torchvision

from baselines.mtanet import MTANet
from baselines.rmtl import RMTLNet
from baselines.sha_mtl import SHAMTL


@pytest.mark.parametrize(
    ("network", "classifier", "tensor"),
    [
        (SHAMTL, torchvision.models.densenet121, "features.denseblock4.denselayer16.conv2.weight"),
        (MTANet, lambda: timm.create_model("pvt_v2_b2"), "stages.3.blocks.2.attn.proj.weight"),
        (RMTLNet, torchvision.models.resnet18, "layer4.1.conv2.weight"),
    ],
)
def test_encoder_holds_the_files_tensors(tmp_path, network, classifier, tensor):
    state = classifier().state_dict()
    torch.save(state, tmp_path / "weights.pth")
    begun = network(encoder_weights=str(tmp_path / "weights.pth")).state_dict()
    (found,) = (value for name, value in begun.items() if name.endswith(tensor))
    assert torch.equal(found, state[tensor])
