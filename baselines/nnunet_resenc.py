"""nnU-Net's residual-encoder U-Net: the network alone, without nnU-Net's planning, preprocessing and training.

Citation: Isensee F et al. nnU-Net revisited: a call for rigorous validation in 3D medical image segmentation. MICCAI
2024 (arXiv 2404.09556); Isensee F et al. nnU-Net. Nature Methods 2021.
Licence of the reference: Apache-2.0 (dynamic-network-architectures, the very network).
Faithful: stages, blocks and widths that nnU-Net plans for a two-dimensional patch of 256 pixels; smaller images are
padded with zeros, as nnU-Net pads below its patch size. Adapted: none of nnU-Net's training, no deep supervision.
"""

from dynamic_network_architectures.architectures.unet import ResidualEncoderUNet
from torch import Tensor, nn
from torch.nn import functional

WIDTHS = (32, 64, 128, 256, 512, 512, 512)
BLOCKS = (1, 3, 4, 6, 6, 6, 6)
STRIDE = 64  # of the deepest stage
SMALLEST = 128  # leaves 2x2 at the deepest stage: instance normalisation cannot train on a single value


class NNUNetResEnc(nn.Module):
    """Segmentation alone."""

    citation = "Isensee F et al. nnU-Net revisited: a call for rigorous validation. MICCAI 2024."
    licence = "Apache-2.0"
    fidelity = "adapted: network only"
    expected_parameters = 105_920_000

    def __init__(self, classes: int = 2):
        super().__init__()
        self.network = ResidualEncoderUNet(
            input_channels=3,
            n_stages=len(WIDTHS),
            features_per_stage=WIDTHS,
            conv_op=nn.Conv2d,
            kernel_sizes=3,
            strides=(1, 2, 2, 2, 2, 2, 2),
            n_blocks_per_stage=BLOCKS,
            num_classes=1,
            n_conv_per_stage_decoder=1,
            conv_bias=True,
            norm_op=nn.InstanceNorm2d,
            norm_op_kwargs={"eps": 1e-5, "affine": True},
            nonlin=nn.LeakyReLU,
            nonlin_kwargs={"inplace": True},
        )
        self.network.apply(ResidualEncoderUNet.initialize)
        # Masks of the coarser stages exist for deep supervision alone; forward leaves them out.
        self.network.decoder.seg_layers[:-1].requires_grad_(False)

    def forward(self, images: Tensor) -> tuple[Tensor, None, dict]:
        """Map images `(B, 3, H, W)` to mask logits `(B, 1, H, W)`; there are no classes."""
        height, width = images.shape[-2:]
        extra = [max(SMALLEST, -(-side // STRIDE) * STRIDE) - side for side in (width, height)]
        left, top = extra[0] // 2, extra[1] // 2
        mask_logits = self.network(functional.pad(images, (left, extra[0] - left, top, extra[1] - top)))
        return mask_logits[..., top : top + height, left : left + width], None, {}
