"""The conventional way to train, to compare with: a plain training script of the released recipe.

He Q, Yang Q, Su H, Wang Y. Computers in Biology and Medicine 173 (2024) 108319, and its released code: images decoded
and augmented one by one, float32, torch's usual memory layout, torchvision's deformable convolution, Adam as torch sets
it up, running means of the losses, and medpy's distances on each batch of a validation. Written for this purpose; it
shares with the benchmark's engine the networks alone.
"""

import dataclasses
import importlib.util
import inspect
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.configuration import Model
from benchmarks.measuring.speed.devices import wait_for
from benchmarks.measuring.speed.loading import training_loader, validation_loader
from benchmarks.networks import build, network_class

RATE, DECAY, SMOOTH = 1e-4, 1e-4, 1e-5
SHIFT = 4  # pixels


def medpy_is_here() -> bool:
    """It is in the extra `test`, and needs SciPy."""
    return importlib.util.find_spec("medpy") is not None


def conventional_model(model: Model) -> Model:
    """The same network from random weights, with torchvision's operator where it has a deformable convolution."""
    arguments = dict(model.arguments)
    if "deformable" in inspect.signature(network_class(model.network).__init__).parameters:
        arguments["deformable"] = "torchvision"
    return dataclasses.replace(model, arguments=arguments, encoder_weights="none", initialise_from=None)


def soft_dice(logits: Tensor, masks: Tensor) -> Tensor:
    """The released code's, per image, its smoothing twice in the numerator."""
    truth, found = masks.flatten(1), torch.sigmoid(logits).flatten(1)
    overlap = 2 * ((found * truth).sum(1) + SMOOTH) / (found.sum(1) + truth.sum(1) + SMOOTH)
    return (1 - overlap).mean()


class AutomaticWeighting(nn.Module):
    """The released code's sum of 0.5 / p^2 L + log(1 + p^2), p learned from 1."""

    def __init__(self, tasks: int):
        super().__init__()
        self.p = nn.Parameter(torch.ones(tasks))

    def forward(self, losses: list[Tensor]) -> Tensor:
        terms = [0.5 / p**2 * loss + torch.log(1 + p**2) for p, loss in zip(self.p, losses, strict=True)]
        return torch.stack(terms).sum()


class ConventionalTraining:
    """A network, its optimiser and the folder of image files that it is trained on."""

    def __init__(self, model: Model, folder: Path, size: int, device: torch.device, batch_size: int, workers: int):
        """`workers`: processes that load images beside the training, 0 for none."""
        torch.manual_seed(0)
        self.folder, self.size, self.device, self.batch_size, self.workers = folder, size, device, batch_size, workers
        self.network = build(conventional_model(model)).to(device)
        self.weighting = AutomaticWeighting(self.count_of_tasks()).to(device)
        learned = [*self.network.parameters(), *self.weighting.parameters()]
        self.optimiser = torch.optim.Adam([p for p in learned if p.requires_grad], lr=RATE, weight_decay=DECAY)
        self.running = 0.0

    def count_of_tasks(self) -> int:
        with torch.no_grad():
            mask, label, _ = self.network.eval()(torch.zeros(2, 3, self.size, self.size, device=self.device))
        return (mask is not None) + (label is not None)

    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Of each head; the network's own where it brings some."""
        own = getattr(self.network, "losses", None)
        if own is not None:
            return own(images, masks, labels)
        mask, label, _ = self.network(images)
        losses = {}
        if mask is not None:
            losses["segmentation"] = soft_dice(mask, masks)
        if label is not None:
            losses["classification"] = functional.cross_entropy(label, labels)
        return losses

    def step(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, float]:
        """One optimiser step on a batch as it comes from the loader; returns the losses."""
        losses = self.losses(images.to(self.device), masks.to(self.device), labels.to(self.device))
        total = self.weighting(list(losses.values()))
        self.optimiser.zero_grad()
        total.backward()
        self.optimiser.step()
        self.running += total.item()
        return {task: loss.item() for task, loss in losses.items()}

    def seconds_per_step(self, steps: int) -> float:
        """The mean of some steps with the loading of their images, as far as it is not done meanwhile."""
        self.network.train()
        batches = iter(training_loader(self.folder, self.size, steps + 1, self.batch_size, self.workers))
        batch = next(batches)  # the workers have started
        wait_for(self.device)
        began = time.perf_counter()
        for _ in range(steps):
            self.step(*batch)
            batch = next(batches)
        wait_for(self.device)
        return (time.perf_counter() - began) / steps

    def seconds_of_validation(self) -> float:
        """A validation on every case of the folder."""
        self.network.eval()
        wait_for(self.device)
        began = time.perf_counter()
        for images, masks, labels in validation_loader(self.folder, self.size, self.batch_size, self.workers):
            with torch.no_grad():
                mask, label, _ = self.network(images.to(self.device))
            if label is not None:
                self.running += (label.argmax(1).cpu() == labels).float().mean().item()
            if mask is not None:
                self.running += (torch.sigmoid(mask) > 0.5).cpu().numpy().mean()
                truth = masks[:, 0].numpy() > 0
                for predicted, true in zip(as_if_trained(truth), truth, strict=True):
                    self.running += sum(medpy_scores(predicted, true).values())
        return time.perf_counter() - began


def as_if_trained(truth: np.ndarray) -> np.ndarray:
    """The truth (B, H, W), a little aside: an untrained network's mask is noise, whose distances take far longer."""
    return np.roll(truth, (SHIFT, SHIFT), (1, 2))


def medpy_scores(predicted: np.ndarray, true: np.ndarray) -> dict[str, float]:
    """The scores that the released code prints, of one mask (H, W); neither may be empty."""
    from medpy.metric import binary

    return {
        "dice": binary.dc(predicted, true),
        "iou": binary.jc(predicted, true),
        "hd95": binary.hd95(predicted, true),
        "assd": binary.assd(predicted, true),
    }
