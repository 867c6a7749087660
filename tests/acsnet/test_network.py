"""ACSNet block by block: the counts and shapes of the released network at 256 x 256, its wiring, its ablations."""

import pytest
import torch
from torch import nn

from acsnet import ACSNet
from acsnet.attention import ChannelAttention, DeformableSpatialAttention
from acsnet.gate import Gate

# (block, trainable parameters, output shape of one 256 x 256 image), as instantiated from the released code.
BLOCKS = [
    ("encoder.layer0", 9_536, (64, 128, 128)),
    ("encoder.layer1", 147_968, (64, 64, 64)),
    ("encoder.layer2", 525_568, (128, 32, 32)),
    ("encoder.layer3", 2_099_712, (256, 16, 16)),
    ("encoder.layer4", 8_393_728, (512, 8, 8)),
    ("gate", 2_657_090, (512, 8, 8)),
    ("stage1.gate", 664_994, (256, 16, 16)),
    ("stage2.gate", 166_610, (128, 32, 32)),
    ("stage3.gate", 41_834, (64, 64, 64)),
    ("stage4.gate", 41_834, (64, 128, 128)),
    ("stage1.up", 131_328, (256, 16, 16)),
    ("stage1.convolutions", 4_721_664, (512, 16, 16)),
    ("stage1.attention", 7_453_258, (512, 16, 16)),
    ("stage2.up", 65_664, (128, 32, 32)),
    ("stage2.convolutions", 1_181_184, (256, 32, 32)),
    ("stage2.attention", 1_957_194, (256, 32, 32)),
    ("stage3.up", 16_448, (64, 64, 64)),
    ("stage3.convolutions", 295_680, (128, 64, 64)),
    ("stage3.attention", 0, (128, 64, 64)),
    ("stage4.up", 8_256, (64, 128, 128)),
    ("stage4.convolutions", 164_352, (128, 128, 128)),
    ("stage4.attention", 0, (128, 128, 128)),
    ("mask_output", 147_969, (1, 256, 256)),
    ("classifier", 933_074, (2,)),
]
COUNT = {name: count for name, count, _ in BLOCKS}
ALL_GATES = sum(count for name, count in COUNT.items() if name.endswith("gate"))
BOTH_ATTENTIONS = COUNT["stage1.attention"] + COUNT["stage2.attention"]
FINE_DECODER = sum(n for name, n in COUNT.items() if name.startswith(("stage2", "stage3", "stage4", "mask_output")))
COARSE_DECODER = COUNT["gate"] + sum(n for name, n in COUNT.items() if name.startswith("stage1"))
# 18 offsets and 9 masks from 512, 1024, 256 and 512 channels, each 3x3 with bias.
OFFSETS_AND_MASKS = sum(27 * (9 * channels + 1) for channels in (512, 1024, 256, 512))
CHANNEL_ATTENTIONS = 12_560 + 2 * 49_696  # 256, 512 and 512 channels
DEEPEST_CLASSIFIER = 49_696 + (512 * 256 + 256) + (256 * 2 + 2)


def count(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.fixture(scope="module")
def network() -> ACSNet:
    torch.manual_seed(0)
    return ACSNet(deformable="torchvision").eval()


@pytest.fixture(scope="module")
def passed(network) -> dict[str, tuple]:
    """What went into and came out of every block when one 256 x 256 image passed."""
    record = {}

    def keep(name):
        return lambda module, inputs, output: record.update({name: (inputs, output)})

    hooks = [module.register_forward_hook(keep(name)) for name, module in network.named_modules()]
    with torch.no_grad():
        network(torch.rand(1, 3, 256, 256))
    for hook in hooks:
        hook.remove()
    return record


@pytest.mark.parametrize(("block", "parameters", "shape"), BLOCKS)
def test_block(network, passed, block, parameters, shape):
    assert count(network.get_submodule(block)) == parameters
    assert tuple(passed[block][1].shape[1:]) == shape


def test_parameters_in_all(network):
    assert count(network) == sum(COUNT.values()) == 31_824_945


@pytest.mark.parametrize("stage", ["stage1", "stage2", "stage3", "stage4"])
def test_gated_skip_comes_before_the_enlarged_feature(passed, stage):
    joined = torch.cat([passed[f"{stage}.gate"][1], passed[f"{stage}.up"][1]], dim=1)
    assert torch.equal(passed[f"{stage}.convolutions"][0][0], joined)


def test_classifier_takes_ungated_features_and_the_first_attention(passed):
    sources = ("encoder.layer3", "encoder.layer4", "stage1.attention")
    for given, source in zip(passed["classifier"][0], sources, strict=True):
        assert torch.equal(given, passed[source][1])


def test_enlarging_aligns_corners(passed):
    """Bilinear interpolation keeps the four corner values only when corners are aligned."""
    before, after = passed["stage1.up.1"][1], passed["stage1.up"][1]
    assert torch.equal(before[..., [0, 0, -1, -1], [0, -1, 0, -1]], after[..., [0, 0, -1, -1], [0, -1, 0, -1]])


@pytest.mark.parametrize(
    ("switches", "parameters"),
    [
        ({"gates": False}, 31_824_945 - ALL_GATES),
        ({"deformable": "none"}, 31_824_945 - OFFSETS_AND_MASKS),
        ({"spatial_attention": False}, 31_824_945 - BOTH_ATTENTIONS),
        ({"classifier": "deepest"}, 31_824_945 - COUNT["classifier"] + DEEPEST_CLASSIFIER),
        ({"channel_attention": False}, 31_824_945 - CHANNEL_ATTENTIONS),
        ({"heads": "segmentation"}, 31_824_945 - COUNT["classifier"]),
        ({"heads": "classification"}, 31_824_945 - FINE_DECODER),
        (
            {"heads": "classification", "classifier": "deepest"},
            31_824_945 - FINE_DECODER - COARSE_DECODER - COUNT["classifier"] + DEEPEST_CLASSIFIER,
        ),
    ],
)
def test_ablation_has_what_it_uses_and_no_more(switches, parameters):
    network = ACSNet(**switches)
    assert count(network) == parameters
    mask_logits, class_logits, _ = network(torch.rand(2, 3, 32, 32))
    assert (mask_logits is None) == (switches.get("heads") == "classification")
    assert (class_logits is None) == (switches.get("heads") == "segmentation")
    sum(logits.sum() for logits in (mask_logits, class_logits) if logits is not None).backward()
    assert [name for name, p in network.named_parameters() if p.grad is None] == []


@pytest.mark.parametrize("switch", ["classifier", "heads", "deformable"])
def test_unknown_choice_is_named_with_the_known_ones(switch):
    with pytest.raises(ValueError, match=rf"{switch}: expected one of .*found 'nothing of the sort'"):
        ACSNet(**{switch: "nothing of the sort"})


def test_gate_weighs_by_the_mean_of_one_map_and_the_maximum_of_the_other():
    gate = Gate(64)
    mean_map, maximum_map = torch.rand(2, 3, 8, 8)
    gate.maps = Fixed(torch.stack([mean_map, maximum_map], dim=1))
    gate.output = nn.Identity()
    feature = torch.randn(3, 64, 8, 8)
    scale = mean_map.flatten(1).mean(1) + maximum_map.flatten(1).max(1).values
    torch.testing.assert_close(gate(feature), torch.einsum("b,bchw->bchw", scale, feature))


def test_spatial_attention_joins_the_mean_before_the_maximum():
    attention = DeformableSpatialAttention(16, "none")
    attention.gather = attention.merge = nn.Identity()
    attention.attend_mean = attention.attend_maximum = nn.Sigmoid()
    feature = torch.randn(2, 16, 4, 4)
    by_mean = torch.sigmoid(feature.mean(1, keepdim=True)) * feature
    by_maximum = torch.sigmoid(feature.max(1, keepdim=True).values) * feature
    torch.testing.assert_close(attention(feature), torch.cat([by_mean, by_maximum], dim=1))


def test_channel_attention_halves_when_its_network_says_nothing():
    attention = ChannelAttention(32)
    for parameter in attention.parameters():
        nn.init.zeros_(parameter)
    feature = torch.randn(2, 32, 4, 4)
    torch.testing.assert_close(attention(feature), feature.relu() / 2)


def test_channel_attention_sees_means_before_maxima():
    attention = ChannelAttention(16)
    seen = []
    attention.weights.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    feature = torch.randn(2, 16, 4, 4)
    attention(feature)
    expected = torch.cat([feature.flatten(2).mean(2), feature.flatten(2).max(2).values], dim=1)
    torch.testing.assert_close(seen[0], expected)


class Fixed(nn.Module):
    """Gives one tensor whatever goes in."""

    def __init__(self, tensor):
        super().__init__()
        self.tensor = tensor

    def forward(self, _):
        return self.tensor
