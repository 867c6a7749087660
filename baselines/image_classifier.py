"""Classification alone: any image classifier of timm, ResNet-18 by default.

He K, Zhang X, Ren S, Sun J. Deep residual learning for image recognition. CVPR 2016. The networks are those of
Wightman R, PyTorch image models (timm), 2019 (Apache-2.0), unchanged; a last linear layer of our number of classes.
"""

from contextlib import nullcontext
from typing import Any

import timm
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from baselines.encoder_weights import with_encoder_weights
from benchmarks.errors import UserError


class ImageClassifier(nn.Module):
    citation = "He K et al. Deep residual learning for image recognition. CVPR 2016; Wightman R. timm. 2019."
    licence = "Apache-2.0"
    fidelity = "faithful"
    expected_parameters = 11_177_538

    def __init__(
        self,
        classes: int = 2,
        architecture: str = "resnet18.tv_in1k",
        options: dict[str, Any] | None = None,
        encoder_weights: str = "none",
    ):
        """Build timm's network `architecture`.

        Args:
            classes: of the classification.
            architecture: timm's name, with the tag of the weights that `imagenet` means; the default's are
                torchvision's first, the same that the other ResNet-18 encoders here begin from.
            options: further arguments of the architecture, such as `{dynamic_img_size: true}` for a vision transformer.
            encoder_weights: `"none"`, `"imagenet"` or the path of a state dict.

        Raises:
            UserError: timm knows no such architecture, or the weights cannot be had.
        """
        super().__init__()
        if not timm.is_model(architecture):
            raise UserError(f"architecture: timm knows no {architecture!r}; see timm.list_models().")
        self.network = with_encoder_weights(
            lambda pretrained: timm.create_model(
                architecture, pretrained=pretrained, num_classes=classes, **(options or {})
            ),
            encoder_weights,
        )

    def forward(self, images: Tensor) -> tuple[None, Tensor, dict]:
        """Map images `(B, 3, H, W)` to class logits `(B, classes)`; there is no mask."""
        with KeepsFloat64() if images.dtype == torch.float64 else nullcontext():
            return None, self.network(images), {}


class KeepsFloat64(TorchFunctionMode):
    """Where `.float()` leaves float64 as it is: timm resizes a transformer's position embedding in float32."""

    def __torch_function__(self, func, types, args: tuple[Any, ...] = (), kwargs=None):
        if func is Tensor.float and args[0].dtype == torch.float64:
            return args[0]
        return func(*args, **(kwargs or {}))
