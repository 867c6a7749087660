"""Networks with one fault each, that train without an error: for the tests of the check before training."""

import torch
from torch import Tensor, nn


class Honest(nn.Module):
    """A small network with both heads and nothing wrong."""

    citation, licence, fidelity, expected_parameters = "made for a test", "MIT", "faithful", 3011

    def __init__(self, classes: int = 2):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Dropout2d(0.1),
            nn.Conv2d(16, 16, 3, padding=1),
        )
        self.norm = nn.BatchNorm2d(16)
        self.mask, self.label = nn.Conv2d(16, 1, 3, padding=1), nn.Linear(16, classes)

    def features(self, images: Tensor) -> Tensor:
        return torch.relu(self.norm(self.encoder(images)))

    def forward(self, images: Tensor):
        features = self.features(images)
        return self.mask(features), self.label(features.amax((2, 3))), {}


class OwnLoss(Honest):
    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        mask, label, _ = self(images)
        masks, labels = self.changed(masks, labels)
        return {
            "segmentation": nn.functional.binary_cross_entropy_with_logits(mask, masks),
            "classification": nn.functional.cross_entropy(label, labels),
        }

    def changed(self, masks: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        return masks, labels


class SegmentationAlone(Honest):
    expected_parameters = 2977

    def __init__(self, classes: int = 2):
        super().__init__(classes)
        del self.label

    def forward(self, images: Tensor):
        return self.mask(self.features(images)), None, {}


class ClassificationAlone(Honest):
    expected_parameters = 2866

    def __init__(self, classes: int = 2):
        super().__init__(classes)
        del self.mask

    def forward(self, images: Tensor):
        return None, self.label(self.features(images).amax((2, 3))), {}


class SigmoidMask(Honest):
    def forward(self, images: Tensor):
        mask, label, _ = super().forward(images)
        return mask.sigmoid(), label, {}


class SoftmaxClass(Honest):
    def forward(self, images: Tensor):
        mask, label, _ = super().forward(images)
        return mask, label.softmax(1), {}


class SigmoidClass(Honest):
    def forward(self, images: Tensor):
        mask, label, _ = super().forward(images)
        return mask, label.sigmoid(), {}


class NoCitation(Honest):
    citation = ""


class NoLicence(Honest):
    licence = None


class OddFidelity(Honest):
    fidelity = "more or less"


class WrongCount(Honest):
    expected_parameters = 6000


class LabelsTurnedRound(OwnLoss):
    def changed(self, masks, labels):
        return masks, 1 - labels


class LabelsForgotten(OwnLoss):
    def changed(self, masks, labels):
        return masks, torch.zeros_like(labels)


class TransposedInLoss(OwnLoss):
    def changed(self, masks, labels):
        return masks.mT, labels


class UpsideDownInLoss(OwnLoss):
    def changed(self, masks, labels):
        return masks.flip(-2), labels


class InvertedInLoss(OwnLoss):
    def changed(self, masks, labels):
        return 1 - masks, labels


class ChangesMasks(OwnLoss):
    def changed(self, masks, labels):
        return masks.mul_(0.5), labels


class Transposed(Honest):
    """Sees enough around each pixel to learn two images by heart."""

    def forward(self, images: Tensor):
        mask, label, _ = super().forward(images)
        return mask.mT + self.mask.bias * 0, label, {}


class Mirrored(Honest):
    def forward(self, images: Tensor):
        mask, label, _ = super().forward(images)
        return mask.flip(-1), label, {}


class IgnoresImage(Honest):
    def forward(self, images: Tensor):
        return super().forward(torch.ones_like(images))


class MaskIgnoresImage(Honest):
    def forward(self, images: Tensor):
        _, label, _ = super().forward(images)
        mask, _, _ = super().forward(torch.linspace(-1, 1, images.shape[-1]).expand_as(images))
        return mask, label, {}


class DropoutInEvaluation(Honest):
    def features(self, images: Tensor) -> Tensor:
        return nn.functional.dropout(super().features(images), 0.2)


class NoiseInEvaluation(Honest):
    def features(self, images: Tensor) -> Tensor:
        features = super().features(images)
        return features + 0.05 * torch.randn_like(features)


class Remembers(Honest):
    """What it gives depends on the images that it saw before."""

    seen: float | Tensor = 0.0

    def forward(self, images: Tensor):
        mask, label, _ = super().forward(images + self.seen)
        self.seen = images.mean().detach() + 0.1
        return mask, label, {}


class PlainList(Honest):
    expected_parameters = 3011 - 2320

    def __init__(self, classes: int = 2):
        super().__init__(classes)
        self.layers = [self.encoder[4]]
        self.encoder = self.encoder[:4]

    def features(self, images: Tensor) -> Tensor:
        return torch.relu(self.norm(self.layers[0](self.encoder(images))))


class NumbersOutsideOfTheState(Honest):
    def __init__(self, classes: int = 2):
        super().__init__(classes)
        self.scale = 0.5 + torch.rand(1, 16, 1, 1)

    def features(self, images: Tensor) -> Tensor:
        return super().features(images) * self.scale


class AlwaysEvaluates(Honest):
    def train(self, mode: bool = True):
        return super().train(False)


class AlwaysTrains(Honest):
    def train(self, mode: bool = True):
        return super().train(True)


class BatchDependent(Honest):
    def features(self, images: Tensor) -> Tensor:
        features = super().features(images)
        return features - features.mean(0, keepdim=True)


class BatchStatistics(Honest):
    def __init__(self, classes: int = 2):
        super().__init__(classes)
        self.norm = nn.BatchNorm2d(16, track_running_stats=False)


class Squeezes(Honest):
    """Loses the batch where it is one image."""

    def forward(self, images: Tensor):
        mask, label, _ = super().forward(images)
        return mask.squeeze(0) if len(mask) == 1 else mask, label, {}


class OneChannel(Honest):
    expected_parameters = 3011 - 2 * 9 * 16

    def __init__(self, classes: int = 2):
        super().__init__(classes)
        self.encoder[0] = nn.Conv2d(1, 16, 3, padding=1)


class ToCuda(Honest):
    def forward(self, images: Tensor):
        return super().forward(images.cuda())


class NanInEvaluation(Honest):
    def __init__(self, classes: int = 2):
        super().__init__(classes)
        self.norm.running_var.fill_(float("nan"))


class NoMaskInEvaluation(Honest):
    def forward(self, images: Tensor):
        mask, label, _ = super().forward(images)
        return mask if self.training else None, label, {}


class FrozenStatistics(Honest):
    """In evaluation mode it normalises by what was there at the beginning."""

    def __init__(self, classes: int = 2):
        super().__init__(classes)
        self.encoder[1].momentum = self.norm.momentum = 0.0
        self.encoder[1].running_mean.fill_(3.0)
        self.norm.running_var.fill_(1e4)


class Detached(Honest):
    def features(self, images: Tensor) -> Tensor:
        return super().features(images).detach()


class Unused(Honest):
    expected_parameters = 3011 + 6

    def __init__(self, classes: int = 2):
        super().__init__(classes)
        self.other = nn.Linear(2, 2)


class Reseeds(Honest):
    def forward(self, images: Tensor):
        torch.manual_seed(0)
        return super().forward(images)


class ChangesImages(Honest):
    def forward(self, images: Tensor):
        return super().forward(images.sub_(images.mean()))
