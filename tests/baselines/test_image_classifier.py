"""timm's classifiers: another architecture, its options, a name that does not exist."""

import pytest
import torch

from baselines.image_classifier import ImageClassifier
from benchmarks.errors import UserError


def test_options_reach_the_architecture():
    """A vision transformer takes images of any size only when told so."""
    network = ImageClassifier(3, "vit_tiny_patch16_224", {"dynamic_img_size": True}).eval()
    mask_logits, class_logits, _ = network(torch.rand(1, 3, 64, 96))
    assert mask_logits is None
    assert class_logits.shape == (1, 3)


def test_unknown_architecture_is_named():
    with pytest.raises(UserError, match="knows no 'resnet1888'"):
        ImageClassifier(architecture="resnet1888")
