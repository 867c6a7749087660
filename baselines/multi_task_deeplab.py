"""One shared encoder, a head of its own for each task: the multi-task baseline of the dense-prediction survey.

Vandenhende S, Georgoulis S, Van Gansbeke W, Proesmans M, Dai D, Van Gool L. Multi-task learning for dense prediction
tasks: a survey. IEEE TPAMI 2021. The survey's code is CC BY-NC 4.0; this file was written from the papers alone.
Faithful: ResNet dilated to stride 8, DeepLabv3 head. Adapted: the second task is classification, so its head pools.
"""

from torch import Tensor, nn

from baselines.dilated_resnet import TASKS, DilatedResNet, task_head


class MultiTaskDeepLab(nn.Module):
    citation = "Vandenhende S et al. Multi-task learning for dense prediction tasks: a survey. IEEE TPAMI 2021."
    licence = "CC BY-NC 4.0 (reference; not used here)"
    fidelity = "adapted: pooled head for the classification task"
    expected_parameters = 15_899_971

    def __init__(self, classes: int = 2, encoder: str = "resnet18", encoder_weights: str = "none"):
        """Build on torchvision's ResNet `encoder`.

        Raises:
            UserError: the encoder's weights cannot be had.
        """
        super().__init__()
        self.encoder = DilatedResNet(encoder, encoder_weights)
        width = self.encoder.widths[-1]
        self.segmentation_head, self.classification_head = (task_head(task, width, classes) for task in TASKS)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, dict]:
        """Map images `(B, 3, H, W)` to mask logits `(B, 1, H, W)` and class logits `(B, classes)`."""
        features = self.encoder(images)
        return self.segmentation_head(features, images.shape[-2:]), self.classification_head(features), {}
