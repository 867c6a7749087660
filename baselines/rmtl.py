"""RMTL-Net's idea: the classifier reads the tumour, its rim and the background apart.

Citation: Xu M, Huang K, Qi X. A regional-attentive multi-task learning framework for breast ultrasound image
segmentation and classification. IEEE Access 2023;11:5377-5392.
Licence of the reference: no public code; written from the abstract.
Faithful: the predicted probability map divides the features into three regions, each pooled by its own weights, and
the three are fused for the classifier. Adapted: everything that the abstract leaves open. The encoder and decoder are a
U-Net with ResNet-18 (segmentation-models-pytorch); the rim is what a 3x3 maximum adds to the probabilities at 1/8 of
the input's size, some 8 pixels each way; the three pooled vectors are concatenated.
"""

import segmentation_models_pytorch as models
import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.encoder_weights import with_encoder_weights
from baselines.pooling import weighted_average

STRIDE = 8  # of the grid on which regions are pooled


class RMTLNet(nn.Module):
    """Segmentation and classification; both losses reach the mask, through which the classifier looks."""

    citation = "Xu M, Huang K, Qi X. A regional-attentive multi-task learning framework. IEEE Access 2023."
    licence = "no public code"
    fidelity = "adapted: written from the abstract on a ResNet-18 U-Net"
    expected_parameters = 14_331_283

    def __init__(self, classes: int = 2, encoder_weights: str = "none"):
        """Build the network; `encoder_weights`: `"none"`, `"imagenet"` or the path of a ResNet-18's state dict.

        Raises:
            UserError: the encoder's weights cannot be had.
        """
        super().__init__()
        self.network = with_encoder_weights(
            lambda pretrained: models.Unet("resnet18", encoder_weights="imagenet" if pretrained else None, classes=1),
            encoder_weights,
            encoder_of=lambda network: network.get_submodule("encoder"),
        )
        self.classification_head = nn.Sequential(
            nn.Dropout(0.2), nn.Linear(3 * self.network.encoder.out_channels[-1], classes)
        )

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, dict]:
        """Map images `(B, 3, H, W)` to mask logits `(B, 1, H, W)` and class logits `(B, classes)`."""
        features = self.network.encoder(images)
        mask_logits = self.network.segmentation_head(self.network.decoder(features))
        tumour = functional.avg_pool2d(torch.sigmoid(mask_logits), STRIDE)
        deepest = functional.interpolate(features[-1], tumour.shape[-2:], mode="bilinear")
        pooled = [weighted_average(deepest, region) for region in regions(tumour)]
        return mask_logits, self.classification_head(torch.cat(pooled, dim=1)), {}


def regions(tumour: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Weights of tumour, rim and background, each `(B, 1, h, w)`; they sum to one everywhere."""
    grown = functional.max_pool2d(tumour, 3, stride=1, padding=1)
    return tumour, grown - tumour, 1 - grown
