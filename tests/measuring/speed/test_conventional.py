"""The comparison is fair: on the same weights and images the conventional script and the engine do the same."""

import dataclasses

import numpy as np
import pytest
import torch

from benchmarks.configuration import read_parameters
from benchmarks.measuring.speed.conventional import ConventionalTraining, conventional_model
from benchmarks.measuring.speed.loading import ImageFolder, training_loader, validation_loader
from benchmarks.measuring.speed.steps import Settings, seconds_of_validation, seconds_per_step, trainer_of
from benchmarks.training.data import grey_levels, normalise

CPU, SIDE, BATCH = torch.device("cpu"), 32, 4


@pytest.fixture(scope="module")
def parameters():
    return read_parameters("params.yaml")


@pytest.fixture(scope="module")
def settings(parameters, folder):
    return Settings(parameters, folder, CPU, ["float32"], steps=1, repetitions=1, workers=0, batch_size=BATCH)


def both(settings, model, size=SIDE):
    trainer = trainer_of(settings, model, size, "float32")
    training = ConventionalTraining(settings.parameters.model(model), settings.folder, size, CPU, BATCH, workers=0)
    training.network.load_state_dict(trainer.network.state_dict())
    trainer.network.train()
    training.network.train()
    return trainer, training


def test_images_masks_and_labels_are_the_same(settings):
    trainer, training = both(settings, "resnet18")
    loaded = list(validation_loader(settings.folder, SIDE, 6, workers=0))
    assert len(loaded) == 1
    images, masks, labels = loaded[0]
    ours = normalise(grey_levels(trainer.cases.images), trainer.cell.normalisation)
    torch.testing.assert_close(images, ours, rtol=1e-6, atol=1e-6)
    assert torch.equal(masks, trainer.cases.masks.float())
    assert torch.equal(labels, trainer.cases.labels)
    assert masks.flatten(1).any(1).all()
    assert training.size == SIDE


@pytest.mark.parametrize("model", ["acsnet", "mt_net", "unet", "resnet18"])
def test_the_same_losses_before_and_after_a_step(settings, model):
    """Both heads, a deformable convolution on two operators, and each head alone."""
    size = 64 if model == "mt_net" else SIDE
    trainer, training = both(settings, model, size)
    torch.manual_seed(1)
    batch = next(iter(validation_loader(settings.folder, size, BATCH, workers=0)))
    at, unmoved = torch.arange(BATCH), torch.eye(2).repeat(BATCH, 1, 1)
    for tolerance in (1e-4, 5e-3):  # Adam's first step is the gradient's sign, that of a 0 too
        torch.manual_seed(2)  # whatever a network itself draws
        ours = trainer.step(at, unmoved)
        torch.manual_seed(2)
        theirs = training.step(*batch)
        assert theirs == pytest.approx({task: float(loss) for task, loss in ours.items()}, rel=tolerance)


def test_deformable_convolutions_are_torchvisions(parameters):
    assert conventional_model(parameters.model("acsnet")).arguments["deformable"] == "torchvision"
    assert "deformable" not in conventional_model(parameters.model("unet")).arguments
    plain = dataclasses.replace(parameters.model("acsnet"), encoder_weights="imagenet")
    assert conventional_model(plain).encoder_weights == "none"


def test_augmentation_moves_image_and_mask_alike(folder, monkeypatch):
    """A flip and a quarter turn of known outcome; every pixel of the mask goes where the image's goes."""
    from benchmarks.measuring.speed import loading

    plain, moved = ImageFolder(folder, SIDE, augmented=False), ImageFolder(folder, SIDE, augmented=True)
    monkeypatch.setattr(loading.random, "random", lambda: 0.0)
    monkeypatch.setattr(loading.random, "uniform", lambda low, high: 90.0)
    for before, after in zip(plain[0][:2], moved[0][:2], strict=True):
        expected = np.flip(np.rot90(np.flip(before.numpy(), 2), 1, (1, 2)), 1)
        np.testing.assert_allclose(after.numpy(), expected, atol=1e-6)


def test_both_sides_can_be_timed(settings):
    trainer, training = both(settings, "resnet18")
    assert training.seconds_per_step(1) > 0
    assert seconds_per_step(trainer, 1) > 0
    assert seconds_of_validation(trainer) > 0
    assert len(list(training_loader(settings.folder, SIDE, 3, BATCH, 0))) == 3


def test_a_validation_asks_medpy(settings):
    pytest.importorskip("medpy")
    _, training = both(settings, "unet")
    assert training.seconds_of_validation() > 0
