"""One task alone on the dilated ResNet: what the multi-task networks on that trunk are compared with and start from.

Vandenhende S, Georgoulis S, Van Gansbeke W, Proesmans M, Dai D, Van Gool L. Multi-task learning for dense prediction
tasks: a survey. IEEE TPAMI 2021. The survey's code is CC BY-NC 4.0; this file was written from the papers alone.
Faithful: ResNet dilated to stride 8, DeepLabv3 head. Adapted: the head of the classification task pools.
"""

from typing import Literal

from torch import Tensor, nn

from baselines.dilated_resnet import TASKS, DilatedResNet, task_head


class SingleTaskDeepLab(nn.Module):
    citation = "Vandenhende S et al. Multi-task learning for dense prediction tasks: a survey. IEEE TPAMI 2021."
    licence = "CC BY-NC 4.0 (reference; not used here)"
    fidelity = "adapted: pooled head where the task is classification"
    expected_parameters = 15_898_945

    def __init__(
        self,
        classes: int = 2,
        task: Literal["segmentation", "classification"] = "segmentation",
        encoder: str = "resnet18",
        encoder_weights: str = "none",
    ):
        """Build on torchvision's ResNet `encoder`.

        Raises:
            ValueError: an unknown task.
            UserError: the encoder's weights cannot be had.
        """
        super().__init__()
        if task not in TASKS:
            raise ValueError(f"task: expected segmentation or classification, found {task!r}.")
        self.task = task
        self.encoder = DilatedResNet(encoder, encoder_weights)
        self.head = task_head(task, self.encoder.widths[-1], classes)

    def forward(self, images: Tensor) -> tuple[Tensor | None, Tensor | None, dict]:
        """Map images `(B, 3, H, W)` to mask logits `(B, 1, H, W)` or to class logits `(B, classes)`."""
        features = self.encoder(images)
        if self.task == "segmentation":
            return self.head(features, images.shape[-2:]), None, {}
        return None, self.head(features), {}
