"""One shared encoder, a segmentation decoder, and a classifier on the deepest feature.

The generic multi-task design (a U-Net with a ResNet-18 encoder by default): architectures, encoders and the pooled
classification head are those of Iakubovskii P, segmentation-models-pytorch, 2019 (MIT), unchanged. The default's
paper: Ronneberger O, Fischer P, Brox T. U-Net: convolutional networks for biomedical image segmentation. MICCAI 2015.
"""

from typing import Literal

import segmentation_models_pytorch as models
import timm
import torch
from torch import Tensor, nn

from baselines.encoder_weights import with_encoder_weights
from benchmarks.errors import UserError


class SharedEncoder(nn.Module):
    citation = "Iakubovskii P. segmentation-models-pytorch. 2019; U-Net: Ronneberger O et al. MICCAI 2015."
    licence = "MIT"
    fidelity = "faithful"
    expected_parameters = 14_329_235

    def __init__(
        self,
        classes: int = 2,
        architecture: str = "Unet",
        encoder: str = "resnet18",
        heads: Literal["both", "segmentation"] = "both",
        encoder_weights: str = "none",
    ):
        """Build any architecture and encoder that segmentation-models-pytorch knows.

        Args:
            classes: of the classification.
            architecture: `Unet`, `UnetPlusPlus`, `MAnet`, `FPN`, `DeepLabV3Plus`, `UPerNet`, `Segformer`, ...
            encoder: `resnet18`, `mit_b2`, `tu-convnext_tiny`, ...
            heads: with the classifier or without it.
            encoder_weights: `"none"`, `"imagenet"` or the path of the encoder's state dict.

        Raises:
            UserError: an unknown architecture, encoder or choice of heads, or encoder weights that cannot be had.
        """
        super().__init__()
        if architecture.lower() not in models.MODEL_ARCHITECTURES_MAPPING:
            known = ", ".join(models.MODEL_ARCHITECTURES_MAPPING)
            raise UserError(f"architecture: expected one of {known}; found {architecture!r}.")
        if encoder not in models.encoders.encoders and not is_timm(encoder):
            known = ", ".join(models.encoders.encoders)
            raise UserError(f"encoder: expected tu- and a name of timm, or one of {known}; found {encoder!r}.")
        if heads not in ("both", "segmentation"):
            raise UserError(f"heads: expected both or segmentation, found {heads!r}.")
        classifier = {"classes": classes, "pooling": "avg", "dropout": 0.2} if heads == "both" else None
        self.network = with_encoder_weights(
            lambda pretrained: models.create_model(
                architecture,
                encoder_name=encoder,
                encoder_weights="imagenet" if pretrained else None,
                classes=1,
                aux_params=classifier,
            ),
            encoder_weights,
            encoder_of=lambda network: network.get_submodule("encoder"),
        )
        freeze_unread(self.network)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor | None, dict]:
        """Map images `(B, 3, H, W)` to mask logits `(B, 1, H, W)` and class logits `(B, classes)` or None."""
        outputs = self.network(images)
        mask_logits, class_logits = outputs if isinstance(outputs, tuple) else (outputs, None)
        return mask_logits, class_logits, {}


def freeze_unread(network: nn.Module) -> None:
    """Freeze the parameters that no output depends on, so that they are neither counted nor learned.

    The library's EfficientNets keep the last convolution before their own classifier, which nothing reads here.
    """
    parameters, mode = [p for p in network.parameters() if p.requires_grad], network.training
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        outputs = network.eval()(torch.zeros(1, 3, 64, 64))
        parts = outputs if isinstance(outputs, tuple) else (outputs,)
        total = torch.stack([part.sum() for part in parts]).sum()
        gradients = torch.autograd.grad(total, parameters, allow_unused=True)
    network.train(mode)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.requires_grad_(gradient is not None)


def is_timm(encoder: str) -> bool:
    return encoder.startswith("tu-") and timm.is_model(encoder.removeprefix("tu-"))
