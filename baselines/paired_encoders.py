"""An encoder per task, fused after every stage: what cross-stitch networks and NDDR-CNN have in common.

Both begin, in their papers, from networks trained on one task each.
"""

from collections.abc import Mapping

from torch import Tensor, nn

from baselines.dilated_resnet import TASKS, DilatedResNet, task_head
from benchmarks.errors import UserError


class PairedEncoders(nn.Module):
    """Two dilated ResNets, a fusion of their features after each of `fused`, and a head on each.

    A subclass says which stages are `fused` and how, in `fusion`.
    """

    fused: tuple[str, ...]

    def __init__(self, classes: int = 2, encoder: str = "resnet18", encoder_weights: str = "none"):
        """Build on torchvision's ResNet `encoder`; both begin from the same `encoder_weights`.

        Raises:
            UserError: the encoder's weights cannot be had.
        """
        super().__init__()
        encoders = {task: DilatedResNet(encoder, encoder_weights) for task in TASKS}
        self.encoders = nn.ModuleDict(encoders)
        one = encoders["segmentation"]
        widths = dict(zip(("stem", "layer1", "layer2", "layer3", "layer4"), (one.stem_width, *one.widths), strict=True))
        self.stages = tuple(widths)
        self.fusions = nn.ModuleDict({stage: self.fusion(widths[stage]) for stage in self.fused})
        self.heads = nn.ModuleDict({task: task_head(task, one.widths[-1], classes) for task in TASKS})

    def fusion(self, channels: int) -> nn.Module:
        """A module from a list of features, one `(B, channels, h, w)` per task, to such a list."""
        raise NotImplementedError

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, dict]:
        """Map images `(B, 3, H, W)` to mask logits `(B, 1, H, W)` and class logits `(B, classes)`."""
        features = [images for _ in TASKS]
        for stage in self.stages:
            features = [getattr(self.encoders[task], stage)(x) for task, x in zip(TASKS, features, strict=True)]
            if stage in self.fusions:
                features = self.fusions[stage](features)
        mask_features, class_features = features
        mask = self.heads["segmentation"](mask_features, images.shape[-2:])
        return mask, self.heads["classification"](class_features), {}

    def initialise_from_tasks(self, **states: Mapping[str, Tensor]) -> None:
        """Load each task's encoder and head from the state dict of a trained `SingleTaskDeepLab`.

        Args:
            states: by task, `segmentation` and `classification`.

        Raises:
            UserError: a task is missing or unknown, or a state dict is of another network.
        """
        if set(states) != set(TASKS):
            found = ", ".join(states) or "none"
            raise UserError(f"initialise_from: expected a model for each of {', '.join(TASKS)}; found {found}.")
        for task, state in states.items():
            part = nn.ModuleDict({"encoder": self.encoders[task], "head": self.heads[task]})
            wanted, given = shapes_of(part.state_dict()), shapes_of(state)
            other = sorted(name for name in wanted | given if wanted.get(name) != given.get(name))
            if other:
                raise UserError(
                    f"initialise_from: {task}: expected the weights of a SingleTaskDeepLab with task: {task} and the "
                    f"same encoder; {len(other)} tensors are missing, unknown or of another shape, such as {other[0]}."
                )
            part.load_state_dict(state)


def shapes_of(state: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in state.items()}
