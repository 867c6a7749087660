"""PAD-Net: each task predicts first on its own, then once more with what the other tasks let it know.

Xu D, Ouyang W, Wang X, Sebe N. PAD-Net: multi-tasks guided prediction-and-distillation network for simultaneous depth
estimation and scene parsing. CVPR 2018. On HRNet as in Vandenhende S et al., IEEE TPAMI 2021, whose code is CC BY-NC
4.0; this file was written from the papers alone, and its maps were then compared with that code's: equal, weight for
weight.
Faithful: initial predictions with losses of their own, attention-guided distillation, heads of two bottleneck blocks,
bilinear upsampling and the momentum of batch normalisation in the trunk (`baselines/dense_tasks.py`).
Adapted: both tasks are final and initial tasks at once, and classification is a map of lesion classes
(`baselines/dense_tasks.py`).
"""

from torch import Tensor, cat, nn
from torchvision.models.resnet import Bottleneck

from baselines.convolutions import projection
from baselines.dense_tasks import TASKS, DenseTaskNetwork, Distillation, HRNet, map_channels, resize, scale_fusion

WIDTH = 256


def two_bottlenecks(channels: int) -> nn.Sequential:
    """Two residual bottleneck blocks to 256 channels."""
    shortcut = None if channels == WIDTH else projection(channels, WIDTH)
    inner = WIDTH // Bottleneck.expansion
    return nn.Sequential(Bottleneck(channels, inner, downsample=shortcut), Bottleneck(WIDTH, inner))


class PADNet(DenseTaskNetwork):
    citation = "Xu D et al. PAD-Net: multi-tasks guided prediction-and-distillation network. CVPR 2018."
    licence = "CC BY-NC 4.0 (reference; not used here)"
    fidelity = "adapted: classification is a map of lesion classes, pooled over the predicted lesion"
    expected_parameters = 7_000_038

    def __init__(self, classes: int = 2, encoder_weights: str = "none"):
        """Raises UserError where the encoder's weights cannot be had."""
        super().__init__()
        channels = map_channels(classes)
        self.encoder = HRNet(encoder_weights)
        self.fusion = scale_fusion(sum(HRNet.widths))
        self.refinements = nn.ModuleDict({task: two_bottlenecks(sum(HRNet.widths)) for task in TASKS})
        self.initial = nn.ModuleDict({task: nn.Conv2d(WIDTH, channels[task], 1) for task in TASKS})
        self.distillation = Distillation(WIDTH)
        self.heads = nn.ModuleDict(
            {task: nn.Sequential(two_bottlenecks(WIDTH), nn.Conv2d(WIDTH, channels[task], 1)) for task in TASKS}
        )

    def maps(self, images: Tensor) -> tuple[dict[str, Tensor], list[dict[str, Tensor]]]:
        """The final maps at a quarter of the image's size, and the initial ones."""
        scales = self.encoder(images)
        shared = self.fusion(cat([resize(scale, scales[0].shape[-2:]) for scale in scales], dim=1))
        features = {task: self.refinements[task](shared) for task in TASKS}
        initial = {task: self.initial[task](features[task]) for task in TASKS}
        features = self.distillation(features)
        return {task: self.heads[task](features[task]) for task in TASKS}, [initial]
