"""Task losses, by the names that recipes use."""

import torch
from torch import Tensor
from torch.nn import functional


def soft_dice(logits: Tensor, masks: Tensor, smooth: float = 1e-5) -> Tensor:
    """Soft Dice loss of the sigmoid, per image, as in ACSNet's released code: its numerator holds `smooth` twice.

    Args:
        logits: (B, 1, H, W).
        masks: the same shape, 0 or 1.
    """
    probabilities = torch.sigmoid(logits).flatten(1)
    truth = masks.flatten(1)
    intersection = (probabilities * truth).sum(1)
    dice = 2 * (intersection + smooth) / (probabilities.sum(1) + truth.sum(1) + smooth)
    return 1 - dice.mean()


def binary_cross_entropy(logits: Tensor, masks: Tensor) -> Tensor:
    """Mean cross-entropy over pixels; logits and masks (B, 1, H, W)."""
    return functional.binary_cross_entropy_with_logits(logits, masks)


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Unweighted cross-entropy; logits (B, classes), labels (B,)."""
    return functional.cross_entropy(logits, labels)


SEGMENTATION_LOSSES = {"soft_dice": soft_dice, "binary_cross_entropy": binary_cross_entropy}
CLASSIFICATION_LOSSES = {"cross_entropy": cross_entropy}
