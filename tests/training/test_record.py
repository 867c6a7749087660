"""The record of a run names the operator that really ran."""

import torch

from acsnet import ACSNet
from baselines.unet import UNet
from benchmarks.training.record import deformable_backend, versions


def test_the_deformable_operator_is_named():
    assert deformable_backend(ACSNet(deformable="torchvision")) == "torchvision"
    assert deformable_backend(ACSNet(deformable="none")) is None
    assert deformable_backend(UNet()) is None


def test_versions_are_those_installed():
    assert versions()["torch"] == torch.__version__.split("+")[0]
