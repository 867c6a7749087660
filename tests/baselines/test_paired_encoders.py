"""Networks of two encoders can start as the two single-task networks that they are given."""

import pytest
import torch

from baselines.cross_stitch import CrossStitch, CrossStitchUnit
from baselines.nddr_cnn import NDDRCNN, DimensionalityReduction
from baselines.single_task_deeplab import SingleTaskDeepLab
from benchmarks.errors import UserError


@pytest.fixture(scope="module")
def single_tasks() -> dict[str, SingleTaskDeepLab]:
    torch.manual_seed(0)
    return {task: SingleTaskDeepLab(task=task).eval() for task in ("segmentation", "classification")}


@pytest.mark.parametrize(("network", "fusion"), [(CrossStitch, CrossStitchUnit), (NDDRCNN, DimensionalityReduction)])
def test_without_exchange_it_is_the_two_single_task_networks(monkeypatch, single_tasks, network, fusion):
    monkeypatch.setattr(network, "fusion", lambda self, channels: fusion(channels, within=1.0, across=0.0))
    paired = network().eval()
    paired.initialise_from_tasks(**{task: single.state_dict() for task, single in single_tasks.items()})
    images = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        mask, label, _ = paired(images)
        expected_mask = single_tasks["segmentation"](images)[0]
        expected_label = single_tasks["classification"](images)[1]
    # NDDR's batch normalisation divides by sqrt(1 + 1e-5) five times.
    torch.testing.assert_close(mask, expected_mask, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(label, expected_label, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("fusion", [CrossStitchUnit, DimensionalityReduction])
def test_fusion_begins_with_nine_tenths_of_its_own_task(fusion):
    first, second = torch.rand(1, 4, 3, 3), torch.rand(1, 4, 3, 3)
    fused = fusion(4).eval()([first, second])
    torch.testing.assert_close(fused[0], 0.9 * first + 0.1 * second, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(fused[1], 0.1 * first + 0.9 * second, rtol=1e-4, atol=1e-6)


def test_weights_of_another_network_are_refused(single_tasks):
    states = {task: single.state_dict() for task, single in single_tasks.items()}
    with pytest.raises(UserError, match=r"segmentation: expected the weights of a SingleTaskDeepLab.* such as head"):
        CrossStitch().initialise_from_tasks(**(states | {"segmentation": states["classification"]}))
    with pytest.raises(UserError, match="a model for each of segmentation, classification; found segmentation"):
        CrossStitch().initialise_from_tasks(segmentation=states["segmentation"])
