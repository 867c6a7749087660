"""The loss of CMU-Net and CMUNeXt: soft Dice and half the cross-entropy of pixels.

Tang F et al., CMU-Net (ISBI 2023) and CMUNeXt (ISBI 2024); their code is MIT (FengheTan9). Both
repositories name the loss; its formula stands in the same authors' Medical-Image-Segmentation-Benchmarks. The Dice loss
is MONAI's.
"""

from monai.losses import DiceLoss
from torch import Tensor
from torch.nn import functional

DICE = DiceLoss(sigmoid=True, smooth_nr=1e-5, smooth_dr=1e-5)


def dice_and_half_cross_entropy(logits: Tensor, masks: Tensor) -> Tensor:
    """`1 - Dice`, a mean over images, plus 0.5 times the mean cross-entropy; logits and masks `(B, 1, H, W)`."""
    return DICE(logits, masks) + 0.5 * functional.binary_cross_entropy_with_logits(logits, masks)
