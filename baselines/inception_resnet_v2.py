"""Classification alone by Inception-ResNet-v2, the better of the two classifiers of BUS_Deep_Learning.

Szegedy C, Ioffe S, Vanhoucke V, Alemi A. Inception-v4, Inception-ResNet and the impact of residual connections on
learning. AAAI 2017. Its use on breast ultrasound: github.com/mroussak/BUS_Deep_Learning (no licence; none of its code
is used). The network is timm's (Apache-2.0), unchanged. Adapted: three (equal) input channels, and images smaller than
the network's convolutions can take are enlarged first.
"""

from torch import Tensor
from torch.nn import functional

from baselines.image_classifier import ImageClassifier

SMALLEST = 96  # pixels: below 75 its unpadded convolutions run out of image; 96 is the next multiple of 32


class InceptionResNetV2(ImageClassifier):
    citation = "Szegedy C et al. Inception-v4, Inception-ResNet and the impact of residual connections. AAAI 2017."
    licence = "Apache-2.0 (timm); BUS_Deep_Learning has none"
    fidelity = f"adapted: images below {SMALLEST} pixels are enlarged"
    expected_parameters = 54_309_538

    def __init__(self, classes: int = 2, encoder_weights: str = "none"):
        """Raises UserError where the weights cannot be had."""
        super().__init__(classes, architecture="inception_resnet_v2.tf_in1k", encoder_weights=encoder_weights)

    def forward(self, images: Tensor) -> tuple[None, Tensor, dict]:
        """Map images `(B, 3, H, W)` to class logits `(B, classes)`; there is no mask."""
        height, width = images.shape[-2:]
        if min(height, width) < SMALLEST:
            size = (max(height, SMALLEST), max(width, SMALLEST))
            images = functional.interpolate(images, size=size, mode="bilinear", align_corners=False)
        return super().forward(images)
