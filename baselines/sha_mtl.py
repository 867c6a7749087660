"""SHA-MTL: soft attention gates on the skips, and a classifier that looks through the predicted mask.

Citation: Zhang G et al. SHA-MTL: soft and hard attention multi-task learning for automated breast cancer ultrasound
image segmentation and classification. IJCARS 2021;16:1719, doi 10.1007/s11548-021-02445-7.
Licence of the reference: no public code; written from the abstract.
Faithful: a dense convolutional encoder, an upsampling decoder, attention-gated units between them; hard attention by
the lesion mask for the classifier. Adapted: everything that the abstract leaves open. The encoder is DenseNet-121
(segmentation-models-pytorch); the classifier reads the deepest features averaged twice, over the image and over the
predicted lesion; the mask is cut at one half, so no classification gradient reaches the decoder.
"""

import torch
from segmentation_models_pytorch.encoders import get_encoder
from torch import Tensor, nn
from torch.nn import functional

from baselines.attention_unet import AttentionGate
from baselines.convolutions import up_convolution
from baselines.encoder_weights import with_encoder_weights
from baselines.pooling import weighted_average
from baselines.u_shape import ascend, rising_levels

DECODER_WIDTHS = (512, 256, 128, 64)
FINEST = 32


class SHAMTL(nn.Module):
    """Segmentation, and classification guided by the mask."""

    citation = "Zhang G et al. SHA-MTL: soft and hard attention multi-task learning. IJCARS 2021."
    licence = "no public code"
    fidelity = "adapted: written from the abstract on DenseNet-121"
    expected_parameters = 26_272_495

    def __init__(self, classes: int = 2, encoder_weights: str = "none"):
        """Build the network; `encoder_weights`: `"none"`, `"imagenet"` or the path of a DenseNet-121's state dict.

        Raises:
            UserError: the encoder's weights cannot be had.
        """
        super().__init__()
        self.encoder = with_encoder_weights(
            lambda pretrained: get_encoder("densenet121", weights="imagenet" if pretrained else None), encoder_weights
        )
        _, *skips, deepest = self.encoder.out_channels
        levels = rising_levels(deepest, skips[::-1], DECODER_WIDTHS, AttentionGate)
        self.upsamplings = nn.ModuleList(levels["upsamplings"])
        self.gates = nn.ModuleList(levels["gates"])
        self.decoder = nn.ModuleList(levels["decoder"])
        self.segmentation_head = nn.Sequential(up_convolution(DECODER_WIDTHS[-1], FINEST), nn.Conv2d(FINEST, 1, 1))
        self.classification_head = nn.Linear(2 * deepest, classes)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, dict]:
        """Map images `(B, 3, H, W)` to mask logits `(B, 1, H, W)` and class logits `(B, classes)`."""
        _, *skips, deepest = self.encoder(images)
        mask_logits = self.segmentation_head(ascend(deepest, skips, self.upsamplings, self.decoder, self.gates))
        lesion = functional.adaptive_avg_pool2d((mask_logits > 0).to(deepest.dtype), deepest.shape[-2:])
        pooled = torch.cat([deepest.mean((2, 3)), weighted_average(deepest, lesion)], dim=1)
        return mask_logits, self.classification_head(pooled), {}
