"""Ceilings and operations against closed forms."""

import pytest
import torch
from torch import nn

from acsnet.deformable_convolution import ModulatedDeformableConvolution
from benchmarks.measuring.speed import ceiling
from benchmarks.measuring.speed.conventional import ConventionalTraining
from benchmarks.measuring.speed.devices import device_name, wait_for

CPU = torch.device("cpu")


class Deformable(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 1), ModulatedDeformableConvolution(4, 1, "torchvision")

    def forward(self, images):
        return self.second(self.first(images)), None, {}


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_device_reaches_something(monkeypatch, precision):
    monkeypatch.setattr(ceiling, "LARGEST", {"cpu": 256})
    assert ceiling.product_rate(CPU, precision, seconds=0.01) > 0


def test_operations_forward_and_backward():
    """1x1 from 3 to 4 channels, forward and to its weights; 3x3 from 4 to 18, 9 and 1: twice as much backward."""
    training = ConventionalTraining.__new__(ConventionalTraining)
    training.network, training.device = Deformable(), CPU
    training.optimiser = torch.optim.Adam(training.network.parameters())
    batch = torch.randn(4, 3, 16, 16), torch.ones(4, 1, 16, 16), torch.zeros(4)
    found = ceiling.operations_of_step(training, *batch)
    assert found == 2 * 4 * 16 * 16 * (2 * 3 * 4 + 3 * 9 * 4 * (18 + 9 + 1))
    assert all(parameter.grad is None for parameter in training.network.parameters())


def test_a_processor_is_called_cpu():
    assert device_name(CPU) == "cpu"
    wait_for(CPU)
