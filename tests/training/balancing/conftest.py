"""A small network with two heads and skip connections, of which it is known what its tasks share."""

import pytest
import torch
from torch import nn
from torch.nn import functional

TASKS = ["segmentation", "classification"]


class TwoHeads(nn.Module):
    """Two levels of encoder, both of which reach the decoder; the class head sits on the deeper one."""

    shared = ("shallow.", "deep.")

    def __init__(self):
        super().__init__()
        self.shallow = nn.Conv2d(1, 3, 3, padding=1)
        self.deep = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.decoder = nn.Conv2d(7, 1, 3, padding=1)
        self.classifier = nn.Linear(4, 2)

    def forward(self, images):
        shallow = torch.tanh(self.shallow(images))
        deep = torch.tanh(self.deep(shallow))
        joined = torch.cat([shallow, functional.interpolate(deep, scale_factor=2)], 1)
        return self.decoder(joined), self.classifier(deep.mean((2, 3)))

    def losses(self, images, masks, labels, sign=1.0):
        """Positive losses; a `sign` of -1 asks for the other classes and so turns the second gradient about."""
        mask, label = self(images)
        return {
            "segmentation": functional.binary_cross_entropy_with_logits(mask, masks),
            "classification": 3 * functional.cross_entropy(sign * label, labels),
        }

    def shared_parameters(self):
        return [p for name, p in self.named_parameters() if name.startswith(self.shared)]


@pytest.fixture
def tasks():
    return list(TASKS)


@pytest.fixture
def make_network():
    """`make_network(seed)` in double precision."""

    def make(seed: int = 0) -> TwoHeads:
        torch.manual_seed(seed)
        return TwoHeads().double()

    return make


@pytest.fixture
def make_batch():
    """`make_batch(seed)`: images, masks and labels."""

    def make(seed: int = 0):
        generator = torch.Generator().manual_seed(seed)
        images = torch.randn(4, 1, 6, 6, generator=generator, dtype=torch.float64)
        masks = (torch.rand(4, 1, 6, 6, generator=generator) > 0.7).double()
        return images, masks, torch.randint(0, 2, (4,), generator=generator)

    return make
