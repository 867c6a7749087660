"""Networks small enough to be trained in a test, with dropout so that random numbers matter."""

import torch
from torch import Tensor, nn


class Toy(nn.Module):
    citation, licence, fidelity, expected_parameters = "none", "MIT", "faithful", 331

    def __init__(self, classes: int = 2, heads: str = "both", scale: float = 1.0):
        super().__init__()
        self.heads, self.scale = heads, scale
        self.encoder = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout2d(0.2))
        self.decoder = nn.Conv2d(8, 1, 3, padding=1) if heads != "classification" else None
        self.classifier = nn.Linear(8, classes) if heads != "segmentation" else None

    def forward(self, images: Tensor):
        features = self.encoder(images) * self.scale
        mask = None if self.decoder is None else self.decoder(features)
        label = None if self.classifier is None else self.classifier(features.mean((2, 3)))
        return mask, label, {}


class ToyWithItsOwnLoss(Toy):
    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        mask, label, _ = self(images)
        return {
            "segmentation": nn.functional.mse_loss(torch.sigmoid(mask), masks),
            "classification": nn.functional.cross_entropy(label, labels),
        }


class ToyWithoutDropout(Toy):
    """Draws nothing on its device, so that it trains alike on all."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.encoder = self.encoder[:3]


class ToyThatStartsFromTasks(Toy):
    def initialise_from_tasks(self, segmentation: dict[str, Tensor], classification: dict[str, Tensor]) -> None:
        self.load_state_dict({**classification, **segmentation})


class Ageing(Toy):
    """Well until it has been trained for an epoch; the two steps of each are counted in its state."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))

    def forward(self, images: Tensor):
        self.steps += self.training
        outputs = super().forward(images)
        return outputs if self.training or self.steps <= 2 else self.aged(*outputs[:2], images)


class NanAfterTwoEpochs(Ageing):
    def aged(self, mask: Tensor, label: Tensor, images: Tensor):
        return mask * float("nan"), label * float("nan"), {}


class InfiniteMasks(Ageing):
    """In one image, once."""

    calls = 0

    def aged(self, mask: Tensor, label: Tensor, images: Tensor):
        self.calls += 1
        mask[0, 0, 0, 0] = float("inf") if self.calls == 1 else 0
        return mask, label, {}


class LosesItsHead(Ageing):
    def aged(self, mask: Tensor, label: Tensor, images: Tensor):
        return None, label, {}


class LosesItsHeadAtTimes(Ageing):
    calls = 0

    def aged(self, mask: Tensor, label: Tensor, images: Tensor):
        self.calls += 1
        return None if self.calls == 1 else mask, label, {}


class ToyWithEdges(Toy):
    """Returns logits of half the size, and class logits, in its dictionary as well."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.edges, self.second = nn.Conv2d(8, 1, 1), nn.Linear(8, 2)

    def forward(self, images: Tensor):
        features = self.encoder(images)
        mask, label = self.decoder(features), self.classifier(features.mean((2, 3)))
        edges = self.edges(nn.functional.avg_pool2d(features, 2))
        return mask, label, {"edges": [edges, 2 * edges], "second": self.second(features.amax((2, 3)))}


class ToyWithGroups(Toy):
    """Its classifier learns ten times as fast, without decay."""

    def parameter_groups(self) -> list[dict]:
        fast = list(self.classifier.parameters())
        rest = [p for p in self.parameters() if not any(p is other for other in fast)]
        return [{"params": rest}, {"params": fast, "factor": 10.0, "weight_decay": 0.0}]


class ToyThatForgetsAGroup(Toy):
    def parameter_groups(self) -> list[dict]:
        return [{"params": list(self.encoder.parameters())}]
