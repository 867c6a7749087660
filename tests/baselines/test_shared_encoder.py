"""The family of segmentation-models-pytorch: its heads and what is said of a name that does not exist."""

import pytest
import torch

from baselines.shared_encoder import SharedEncoder
from benchmarks.errors import UserError


def test_segmentation_alone_has_no_classifier():
    network = SharedEncoder(heads="segmentation")
    both = sum(p.numel() for p in SharedEncoder().parameters())
    assert both - sum(p.numel() for p in network.parameters()) == 512 * 2 + 2
    mask_logits, class_logits, _ = network(torch.rand(2, 3, 64, 64))
    assert mask_logits.shape == (2, 1, 64, 64)
    assert class_logits is None


def test_class_logits_come_from_the_deepest_feature():
    network = SharedEncoder(classes=3).eval()
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        deepest = network.network.encoder(images)[-1].mean(dim=(2, 3))
        layer = network.network.classification_head[3]
        torch.testing.assert_close(network(images)[1], layer(deepest))


def test_unknown_architecture_is_named_with_the_known_ones():
    with pytest.raises(UserError, match=r"expected one of .*unetplusplus.*; found 'Unettt'"):
        SharedEncoder(architecture="Unettt")


def test_unknown_heads_are_named():
    with pytest.raises(UserError, match="expected both or segmentation, found 'class'"):
        SharedEncoder(heads="class")


@pytest.mark.parametrize("encoder", ["resnet1888", "tu-resnet1888"])
def test_unknown_encoder_is_named_with_the_known_ones(encoder):
    with pytest.raises(UserError, match=rf"encoder: .*resnet34.*; found '{encoder}'"):
        SharedEncoder(encoder=encoder)
