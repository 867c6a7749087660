"""The dilated trunk against the strided ResNet that it is made of, and the heads."""

import pytest
import torch
from torch import nn
from torchvision.models import get_model

from baselines.dilated_resnet import DeepLabHead, DilatedResNet, task_head


@pytest.mark.parametrize(("name", "widths"), [("resnet18", (64, 128, 256, 512)), ("resnet50", (256, 512, 1024, 2048))])
def test_every_fourth_position_is_the_strided_network(name, widths):
    """Dilation for stride keeps the values of the strided network and adds those between."""
    torch.manual_seed(0)
    dilated, strided = DilatedResNet(name).eval(), get_model(name).eval()
    trunk = {k: v for k, v in strided.state_dict().items() if not k.startswith("fc.")}
    dilated.load_state_dict({rename(k): v for k, v in trunk.items()})
    images = torch.randn(1, 3, 96, 64)
    with torch.no_grad():
        features = dilated(images)
        expected = nn.Sequential(*list(strided.children())[:-2])(images)
    assert dilated.widths == widths
    assert features.shape == (1, widths[-1], 12, 8)
    torch.testing.assert_close(features[:, :, ::4, ::4], expected, rtol=1e-4, atol=1e-4)


def rename(key: str) -> str:
    """torchvision's name of a stem tensor as that of the trunk."""
    return key.replace("conv1.", "stem.0.", 1).replace("bn1.", "stem.1.", 1) if not key.startswith("layer") else key


def test_stages_follow_one_another():
    trunk = DilatedResNet().eval()
    feature = trunk.stem(torch.randn(1, 3, 64, 64))
    assert feature.shape == (1, trunk.stem_width, 16, 16)
    stages = (trunk.layer1, trunk.layer2, trunk.layer3, trunk.layer4)
    for stage, width, side in zip(stages, trunk.widths, (16, 8, 8, 8), strict=True):
        feature = stage(feature)
        assert feature.shape == (1, width, side, side)


def test_file_of_the_strided_network_is_loaded(tmp_path):
    state = get_model("resnet18").state_dict()
    torch.save(state, tmp_path / "resnet18.pth")
    trunk = DilatedResNet(encoder_weights=str(tmp_path / "resnet18.pth"))
    assert torch.equal(trunk.stem[0].weight, state["conv1.weight"])


def test_dense_head():
    """Parameters by hand: five branches to 256, projection, 3x3 convolution, each with batch norm; 1x1 convolution."""
    head = DeepLabHead(512, classes=3)
    branches = 2 * 512 * 256 + 3 * 9 * 512 * 256
    others = 5 * 256 * 256 + 9 * 256 * 256 + 7 * 2 * 256 + 3 * (256 + 1)
    assert sum(p.numel() for p in head.parameters()) == branches + others
    rates = [m.dilation[0] for m in head.modules() if isinstance(m, nn.Conv2d) and m.dilation[0] > 1]
    assert rates == [12, 24, 36]
    assert head(torch.randn(2, 512, 8, 6), (64, 48)).shape == (2, 3, 64, 48)


def test_pooled_head_is_linear_in_the_average():
    head = task_head("classification", 16, classes=2).eval()
    features = torch.randn(3, 16, 4, 5)
    expected = features.mean(dim=(2, 3)) @ head[-1].weight.T + head[-1].bias
    torch.testing.assert_close(head(features), expected)
