"""What PAD-Net and MTI-Net share: the HRNet trunk, distillation between tasks, and classification as a dense task.

Trunk: Wang J et al. Deep high-resolution representation learning for visual recognition. TPAMI 2021; timm's
(Apache-2.0), with the bilinear upsampling and the momentum of batch normalisation that the survey's code has. Both
networks know dense tasks alone, so the class becomes one: a map of background, benign and malignant, whose truth is
the lesion's mask filled with the image's label. The image's class logits are the map's, averaged over the lesion that
the network itself segments.
"""

from typing import cast

import timm
import torch
from timm.models.hrnet import HighResolutionNet
from torch import Tensor, nn
from torch.nn import functional

from baselines.convolutions import convolution
from baselines.encoder_weights import with_encoder_weights
from benchmarks.training.losses import cross_entropy, soft_dice

TASKS = ("segmentation", "classification")


class HRNet(nn.Module):
    """HRNet-W18-Small-v2 without its classifier, as the dense-prediction survey's code has it.

    timm's, but that scales are fused with bilinear upsampling, where timm's repeats pixels, and that running statistics
    move by .01 a step.

    Attributes:
        widths: the channels of its four scales, at strides 4, 8, 16 and 32.
    """

    widths = (18, 36, 72, 144)

    def __init__(self, encoder_weights: str = "none"):
        """Raises UserError where the weights cannot be had."""
        super().__init__()
        self.trunk = with_encoder_weights(
            lambda pretrained: cast(
                HighResolutionNet, timm.create_model("hrnet_w18_small_v2.ms_in1k", pretrained=pretrained)
            ),
            encoder_weights,
        )
        # Without these timm's network gives its four scales.
        self.trunk.incre_modules = self.trunk.downsamp_modules = None
        del self.trunk.final_layer, self.trunk.classifier
        for layer in self.trunk.modules():
            if isinstance(layer, nn.Upsample):
                layer.mode, layer.align_corners = "bilinear", False
            elif isinstance(layer, nn.BatchNorm2d):
                layer.momentum = 0.01

    def forward(self, images: Tensor) -> list[Tensor]:
        """Map images `(B, 3, H, W)` to features `(B, widths[i], H / 2^(2+i), W / 2^(2+i))`."""
        return self.trunk.forward_features(images)


def scale_fusion(channels: int) -> nn.Sequential:
    """Mixes all scales, concatenated at the finest, as in HRNet's second version."""
    return convolution(channels, channels, kernel=1)


class Distillation(nn.Module):
    """Each task's feature plus what gates, learned on the other tasks' features, let through of those."""

    def __init__(self, channels: int):
        super().__init__()
        self.messages = nn.ModuleDict({task: nn.Conv2d(channels, channels, 3, padding=1, bias=False) for task in TASKS})
        self.gates = nn.ModuleDict({task: nn.Conv2d(channels, channels, 3, padding=1, bias=False) for task in TASKS})

    def forward(self, features: dict[str, Tensor]) -> dict[str, Tensor]:
        """Features of the same shape `(B, channels, h, w)` by task; of two tasks each hears the other."""
        sent = {task: self.messages[task](x) * torch.sigmoid(self.gates[task](x)) for task, x in features.items()}
        return {task: x + sum(sent[other] for other in TASKS if other != task) for task, x in features.items()}


def map_channels(classes: int) -> dict[str, int]:
    """Channels of each task's map: lesion; background and the classes."""
    return {"segmentation": 1, "classification": 1 + classes}


def resize(maps: Tensor, size: tuple[int, ...]) -> Tensor:
    return functional.interpolate(maps, size=size, mode="bilinear", align_corners=False)


def class_logits_of(class_map: Tensor, mask_logits: Tensor) -> Tensor:
    """Average a map `(B, 1 + classes, H, W)` to class logits `(B, classes)`, weighted by the lesion's probability.

    The weights are not trained through this average, and never all zero.
    """
    weights = mask_logits.detach().sigmoid() + 1e-6
    return (weights * class_map[:, 1:]).sum((2, 3)) / weights.sum((2, 3))


def map_losses(maps: dict[str, Tensor], masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """The losses of one prediction of both maps, each resized to the masks: soft Dice and cross-entropy over pixels."""
    maps = {task: resize(logits.to(masks.dtype), masks.shape[-2:]) for task, logits in maps.items()}
    truth = masks[:, 0].long() * (1 + labels[:, None, None])
    return {
        "segmentation": soft_dice(maps["segmentation"], masks),
        "classification": functional.cross_entropy(maps["classification"], truth),
    }


class DenseTaskNetwork(nn.Module):
    """Outputs and loss of a network that predicts maps of both tasks, first on the way (`initial`), then finally.

    A subclass defines `maps`.
    """

    def maps(self, images: Tensor) -> tuple[dict[str, Tensor], list[dict[str, Tensor]]]:
        """The final maps by task, and the initial predictions of both, one dictionary for each scale."""
        raise NotImplementedError

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, dict]:
        """Map images `(B, 3, H, W)` to mask logits `(B, 1, H, W)` and class logits `(B, classes)`.

        The auxiliary outputs are the `class_map` `(B, 1 + classes, H, W)` and `initial`, the early maps by task.
        """
        final, initial = self.maps(images)
        final = {task: resize(logits, images.shape[-2:]) for task, logits in final.items()}
        class_map, mask_logits = final["classification"], final["segmentation"]
        label = class_logits_of(class_map, mask_logits)
        return mask_logits, label, {"class_map": class_map, "initial": initial}

    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """The losses of the final and of all initial maps, and cross-entropy of the class logits, all of weight 1."""
        mask_logits, class_logits, auxiliary = self(images)
        final = {"segmentation": mask_logits, "classification": auxiliary["class_map"]}
        of_final, *of_initial = (map_losses(maps, masks, labels) for maps in (final, *auxiliary["initial"]))
        total = {task: sum((losses[task] for losses in of_initial), of_final[task]) for task in TASKS}
        total["classification"] = total["classification"] + cross_entropy(class_logits.to(masks.dtype), labels)
        return total
