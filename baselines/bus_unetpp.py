"""U-Net++ of a public deep-learning study of BUSI, as near as a library comes to it.

Citation: BUS_Deep_Learning, github.com/mroussak/BUS_Deep_Learning (Keras); Zhou Z, Rahman Siddiquee MM, Tajbakhsh N,
Liang J. UNet++: a nested U-Net architecture for medical image segmentation. DLMIA 2018.
Licence of the reference: none, so none of its code is used; the network is segmentation-models-pytorch's (MIT).
Faithful: nested skips on an Inception-ResNet-v2 encoder, trained from random weights.
Adapted: the library's decoder, which enlarges by the nearest neighbour, where the reference has transposed
convolutions; three (equal) input channels where it has one.
"""

from baselines.shared_encoder import SharedEncoder


class BUSUNetPlusPlus(SharedEncoder):
    """Segmentation alone: mask logits, no class logits."""

    citation = "BUS_Deep_Learning, github.com/mroussak/BUS_Deep_Learning; Zhou Z et al. UNet++. DLMIA 2018."
    licence = "none (reference); MIT (segmentation-models-pytorch)"
    fidelity = "adapted: the library's decoder, which enlarges by the nearest neighbour, for transposed convolutions"
    expected_parameters = 71_082_993

    def __init__(self, classes: int = 2, encoder_weights: str = "none"):
        """Raises UserError where the encoder's weights cannot be had."""
        super().__init__(classes, "UnetPlusPlus", "inceptionresnetv2", "segmentation", encoder_weights)
