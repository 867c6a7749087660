"""The encoder: ResNet-18 without its classifier, its five features, and where its weights come from."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.models import ResNet, ResNet18_Weights, resnet18


class Encoder(nn.Module):
    """ResNet-18 (He et al. CVPR 2016; torchvision's) as five blocks, `layer0` to `layer4`, at strides 2 to 32."""

    widths = (64, 64, 128, 256, 512)

    def __init__(self, weights: str = "none"):
        """Build the encoder with `weights`: `"none"`, `"imagenet"` or the path of a ResNet-18 state dict.

        Raises:
            RuntimeError: the weights cannot be had or are those of another network.
        """
        super().__init__()
        resnet = pretrained_resnet18() if weights == "imagenet" else resnet18()
        if weights not in ("imagenet", "none"):
            load_resnet18(resnet, Path(weights))
        self.layer0 = nn.Sequential(resnet.conv1, resnet.bn1, resnet.relu)
        self.layer1 = nn.Sequential(resnet.maxpool, resnet.layer1)
        self.layer2, self.layer3, self.layer4 = resnet.layer2, resnet.layer3, resnet.layer4

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Map images `(B, 3, H, W)` to the five features `(B, widths[i], H / 2^(i+1), W / 2^(i+1))`."""
        layer0 = self.layer0(images)
        layer1 = self.layer1(layer0)
        layer2 = self.layer2(layer1)
        layer3 = self.layer3(layer2)
        return layer0, layer1, layer2, layer3, self.layer4(layer3)


def pretrained_resnet18() -> ResNet:
    """ResNet-18 with torchvision's first ImageNet weights, those that the released code trains from."""
    try:
        return resnet18(weights=ResNet18_Weights.IMAGENET1K_V1)
    except (OSError, RuntimeError) as error:  # no network, no space, or a file of the wrong hash
        raise RuntimeError(
            f"encoder_weights: imagenet: {ResNet18_Weights.IMAGENET1K_V1.url} could not be fetched "
            f"({type(error).__name__}: {error}).\n"
            "Set encoder_weights to none, or to the path of a ResNet-18 state dict that you have."
        ) from error


def load_resnet18(resnet: ResNet, path: Path) -> None:
    """Load the state dict in a file, with or without the classifier `fc`, which is not used here."""
    if not path.is_file():
        raise RuntimeError(f"encoder_weights: expected none, imagenet or a file; {str(path)!r} does not exist.")
    try:
        state = dict(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:  # unpickling a file of another kind can fail in any way
        raise RuntimeError(f"{path}: not a readable state dict ({type(error).__name__}).") from error
    state |= {f"fc.{name}": tensor for name, tensor in resnet.fc.state_dict().items()}
    try:
        resnet.load_state_dict(state)
    except RuntimeError as error:  # torch names every missing, unexpected and ill-shaped tensor
        raise RuntimeError(f"{path}: these are not the weights of a ResNet-18. {error}") from error
