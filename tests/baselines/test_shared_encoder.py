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


def test_what_the_library_builds_and_nothing_reads_is_not_learned():
    """EfficientNet-B0 has 5,288,548 parameters, of which 1,281,000 are its classifier's and 1280 * (320 + 2) those of
    the convolution and batch norm before it (Tan and Le 2019, as torchvision and timm count them)."""
    encoder = SharedEncoder(encoder="efficientnet-b0").network.encoder
    learned = sum(p.numel() for p in encoder.parameters() if p.requires_grad)
    assert learned == 5_288_548 - 1_281_000 - 1280 * (320 + 2)
    assert all(p.requires_grad for p in SharedEncoder().parameters())
