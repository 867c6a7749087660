"""GG-Net's attention, boundaries and loss against loops and closed forms."""

import math

import pytest
import torch

from baselines.ggnet import GuidedChannelAttention, GuidedPositionAttention, boundary_of, five_map_loss


def test_boundary_is_the_distance_to_the_largest_neighbour():
    maps = torch.zeros(1, 1, 5, 5)
    maps[0, 0, 2, 2] = 3.0
    expected = torch.zeros(5, 5)
    expected[1:4, 1:4] = 3.0
    expected[2, 2] = 0.0
    assert torch.equal(boundary_of(maps)[0, 0], expected)


@pytest.fixture
def features() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.randn(1, 3, 2, 4, dtype=torch.float64), torch.randn(1, 3, 2, 4, dtype=torch.float64)


def attention_map(queries: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
    """Row i: the softmax of query i's products with all keys; both (count, length)."""
    return torch.stack([torch.stack([query @ key for key in keys]).softmax(0) for query in queries])


def test_position_attention(features):
    own, guide = features
    attention = GuidedPositionAttention(3).double()
    assert torch.equal(attention(own, guide), own)
    attention.gamma.data.fill_(2.0)
    rows = {
        name: layer(guide if "guide" in name else own)[0].flatten(1).T for name, layer in attention.named_children()
    }
    weights = attention_map(rows["query"], rows["key"]) @ attention_map(rows["guide_query"], rows["guide_key"])
    summed = torch.stack(
        [sum(w * value for w, value in zip(row.softmax(0), rows["value"], strict=True)) for row in weights]
    )
    torch.testing.assert_close(attention(own, guide), own + 2 * summed.T.view_as(own))


def test_channel_attention(features):
    own, guide = features
    attention = GuidedChannelAttention().double()
    assert torch.equal(attention(own, guide), own)
    attention.gamma.data.fill_(2.0)
    channels, guides = own[0].flatten(1), guide[0].flatten(1)
    energy = attention_map(channels, channels) @ attention_map(guides, guides)
    weights = torch.stack([(row.max() - row).softmax(0) for row in energy])
    torch.testing.assert_close(attention(own, guide), own + 2 * (weights @ channels).view_as(own))


def test_loss_of_five_undecided_maps():
    masks = torch.zeros(1, 1, 8, 8)
    masks[..., 2:6, 2:6] = 1  # 16 of 64 pixels, within 36 that touch it or lie in it
    undecided = {"maps": [torch.zeros(1, 1, 8, 8)] * 5, "boundaries": [torch.zeros(1, 1, 8, 8)] * 5}
    dice, edge = 2 * 8 / (32 + 16), (36 - 16) / 64
    assert five_map_loss(undecided, masks).item() == pytest.approx(5 * (math.log(2) + 1 - dice + edge), rel=1e-5)
