"""The shared-encoder U-Net on EfficientNet-Lite0, whose ImageNet weights come from a package.

Citation, licence and design: `baselines/shared_encoder.py`, whose other encoders fetch their weights from a host, and
`baselines/lite0_weights.py`. It measures what pretraining is worth where only a package index can be reached.
"""

from baselines.lite0_weights import ARCHITECTURE, load_imagenet
from baselines.shared_encoder import SharedEncoder


class SharedUNetLite0(SharedEncoder):
    citation = "Iakubovskii P. segmentation-models-pytorch. 2019; Tan M, Le QV. EfficientNet. ICML 2019."
    licence = "MIT; weights Apache-2.0"
    expected_parameters = 5_198_803

    def __init__(self, classes: int = 2, encoder_weights: str = "none"):
        """Build the network; `encoder_weights`: `"none"`, `"imagenet"` or the path of the encoder's state dict.

        Raises:
            UserError: the encoder's weights cannot be had.
        """
        imagenet = encoder_weights == "imagenet"
        super().__init__(classes, encoder=f"tu-{ARCHITECTURE}", encoder_weights="none" if imagenet else encoder_weights)
        if imagenet:
            load_imagenet(self.network.get_submodule("encoder.model"))
