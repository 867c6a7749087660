"""The loss of MTnnUNet and MTUNet++: Dice on four masks, weighed by their rank, and focal loss on the class.

Aumente-Maestro C, Diez J, Remeseiro B. A multi-task framework for breast cancer segmentation and classification in
ultrasound imaging. Computer Methods and Programs in Biomedicine 2025. Their code is Apache-2.0
(caumente/multi_task_breast_cancer); this file was written from its description. The Dice loss is MONAI's, with squared
probabilities and a smoothing of 1, as there. The authors' classes are three, with normal tissue, and have focal loss;
where they compare two, they take binary cross-entropy. They join the two tasks as 0.35 segmentation +
0.65 classification; here the balancing rule does.
"""

import torch
from monai.losses import DiceLoss
from torch import Tensor
from torch.nn import functional

DICE = DiceLoss(sigmoid=True, squared_pred=True, smooth_nr=1, smooth_dr=1)


def deeply_supervised_losses(outputs: tuple[Tensor, Tensor, dict], masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """Both tasks' losses of a network's outputs, whose `"coarse_masks"` stand from the finest to the coarsest."""
    finest, class_logits, auxiliary = outputs
    return {
        "segmentation": deeply_supervised_dice([finest, *auxiliary["coarse_masks"]], masks),
        "classification": focal_loss(class_logits, labels),
    }


def deeply_supervised_dice(mask_logits: list[Tensor], masks: Tensor) -> Tensor:
    """Sum of the Dice losses of masks given from the finest to the coarsest, the n-th divided by n."""
    return torch.stack([DICE(logits, masks) / n for n, logits in enumerate(mask_logits, start=1)]).sum()


def focal_loss(logits: Tensor, labels: Tensor, gamma: float = 2.0) -> Tensor:
    """Mean of `(1 - p)^gamma * -log p`, p the probability of the true class; logits `(B, classes)`, labels `(B,)`.

    Lin T-Y et al. Focal loss for dense object detection. ICCV 2017, equation 4.
    """
    surprise = functional.cross_entropy(logits, labels, reduction="none")
    return ((1 - torch.exp(-surprise)) ** gamma * surprise).mean()
