"""Classification as a map of lesion classes, and the exchange between tasks."""

import pytest
import torch

from baselines.dense_tasks import Distillation, class_logits_of, map_losses
from baselines.mti_net import FeaturePropagation


def test_class_logits_are_the_maps_average_over_the_lesion():
    class_map = torch.zeros(1, 3, 4, 4)
    class_map[0, 1, :2] = 3.0  # benign above,
    class_map[0, 2, 2:] = 5.0  # malignant below
    above = torch.full((1, 1, 4, 4), -50.0)
    above[:, :, :2] = 50.0
    torch.testing.assert_close(class_logits_of(class_map, above), torch.tensor([[3.0, 0.0]]), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(class_logits_of(class_map, -above), torch.tensor([[0.0, 5.0]]), rtol=1e-4, atol=1e-4)
    nowhere = torch.full((1, 1, 4, 4), -200.0)
    torch.testing.assert_close(class_logits_of(class_map, nowhere), torch.tensor([[1.5, 2.5]]))


@pytest.mark.parametrize("label", [0, 1])
def test_the_map_is_trained_on_the_mask_filled_with_the_label(label):
    mask = torch.zeros(1, 1, 4, 4)
    mask[..., 1:3, 1:3] = 1
    right = torch.zeros(1, 3, 4, 4)
    right[:, 0] = 30 * (1 - mask[:, 0])
    right[:, 1 + label] = 30 * mask[:, 0]
    maps = {"segmentation": 60 * mask - 30, "classification": right}
    losses = map_losses(maps, mask, torch.tensor([label]))
    assert losses["classification"] < 1e-6
    assert losses["segmentation"] < 1e-4
    # The other class on a quarter of the pixels: off by 30 there.
    assert map_losses(maps, mask, torch.tensor([1 - label]))["classification"].item() == pytest.approx(7.5)


@pytest.mark.parametrize("exchange", [Distillation, FeaturePropagation])
def test_each_task_hears_the_other(exchange):
    torch.manual_seed(0)
    module = exchange(16).eval()
    features = {task: torch.randn(1, 16, 4, 4, requires_grad=True) for task in ("segmentation", "classification")}
    module(features)["segmentation"].sum().backward()
    assert all(feature.grad.abs().sum() > 0 for feature in features.values())


def test_closed_gates_let_nothing_through():
    module = Distillation(4)
    for message in module.messages.values():
        torch.nn.init.zeros_(message.weight)
    features = {"segmentation": torch.randn(1, 4, 3, 3), "classification": torch.randn(1, 4, 3, 3)}
    for task, feature in module(features).items():
        assert torch.equal(feature, features[task])
