"""Classification alone by ResNet-50, one of the two classifiers of BUS_Deep_Learning.

He K, Zhang X, Ren S, Sun J. Deep residual learning for image recognition. CVPR 2016. Its use on breast ultrasound:
github.com/mroussak/BUS_Deep_Learning (no licence; none of its code is used). The network is timm's (Apache-2.0),
unchanged. Adapted: three (equal) input channels where the reference has one; a stage's stride is that of its first
block's 3x3 convolution (timm, torchvision), not of its first 1x1 convolution (Keras).
"""

from baselines.image_classifier import ImageClassifier


class BUSResNet50(ImageClassifier):
    citation = "BUS_Deep_Learning, github.com/mroussak/BUS_Deep_Learning; He K et al. CVPR 2016."
    licence = "none (reference); Apache-2.0 (timm)"
    fidelity = "adapted: timm's ResNet-50, whose stages stride in the 3x3 convolution, for Keras's"
    expected_parameters = 23_512_130

    def __init__(self, classes: int = 2, encoder_weights: str = "none"):
        """Raises UserError where the weights cannot be had."""
        super().__init__(classes, architecture="resnet50.a1_in1k", encoder_weights=encoder_weights)
