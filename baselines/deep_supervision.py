"""The loss of MTnnUNet and MTUNet++: soft Dice on four masks, weighed by their rank, and focal loss on the class.

Aumente-Maestro C, Diez J, Remeseiro B. A multi-task framework for breast cancer segmentation and classification in
ultrasound imaging. Computer Methods and Programs in Biomedicine 2025. Their code is Apache-2.0
(caumente/multi_task_breast_cancer); this file was written from its description. The authors join the two as
0.35 segmentation + 0.65 classification; here the balancing rule does.
"""

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.training.losses import soft_dice


class DeeplySupervised:
    """Put before a network whose argument `deep_supervision` adds masks as `auxiliary["coarse_masks"]`."""

    def __init__(self, classes: int = 2):
        super().__init__(classes, deep_supervision=True)

    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Deeply supervised soft Dice, and focal loss."""
        mask_logits, class_logits, auxiliary = self(images)
        return {
            "segmentation": deeply_supervised_dice([mask_logits, *auxiliary["coarse_masks"]], masks),
            "classification": focal_loss(class_logits, labels),
        }


def deeply_supervised_dice(mask_logits: list[Tensor], masks: Tensor) -> Tensor:
    """Sum of the soft Dice losses of masks given from the finest to the coarsest, the n-th divided by n."""
    return torch.stack([soft_dice(logits, masks) / n for n, logits in enumerate(mask_logits, start=1)]).sum()


def focal_loss(logits: Tensor, labels: Tensor, gamma: float = 2.0) -> Tensor:
    """Mean of `(1 - p)^gamma * -log p`, p the probability of the true class; logits `(B, classes)`, labels `(B,)`.

    Lin T-Y et al. Focal loss for dense object detection. ICCV 2017, equation 4.
    """
    surprise = functional.cross_entropy(logits, labels, reduction="none")
    return ((1 - torch.exp(-surprise)) ** gamma * surprise).mean()
