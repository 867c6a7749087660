"""Schedules by hand, and which parameters are learned how."""

import math

import pytest
import torch
from torch import nn

from benchmarks.errors import UserError
from benchmarks.training.balancing.automatic import Rule as Automatic
from benchmarks.training.optimisation import build_optimiser, schedule_factor, set_learning_rate


@pytest.mark.parametrize("epoch", [0, 30, 89])
def test_cosine_is_the_released_schedule(epoch):
    expected = 0.9 * (1 + math.cos(math.pi * epoch / 90)) / 2 + 0.1
    assert schedule_factor({"name": "cosine", "final_share": 0.1}, epoch, 90) == pytest.approx(expected)


def test_other_schedules():
    assert schedule_factor({"name": "polynomial", "power": 0.9}, 50, 100) == pytest.approx(0.5**0.9)
    assert [schedule_factor({"name": "step"}, e, 10) for e in (4, 5)] == [1.0, 0.1]
    assert schedule_factor({"name": "constant"}, 7, 10) == 1.0
    with pytest.raises(UserError, match=r"no schedule is called 'cosinus'.*cosine"):
        schedule_factor({"name": "cosinus"}, 0, 1)


def test_the_balancing_rule_shares_the_networks_group_unless_it_has_a_rate():
    settings = {"name": "adam", "learning_rate": 1e-4, "weight_decay": 1e-4}
    network = nn.Linear(2, 2)
    together = build_optimiser(settings, network, Automatic(["segmentation", "classification"]))
    assert [len(g["params"]) for g in together.param_groups] == [3]
    apart = build_optimiser(settings, network, Automatic(["segmentation"], learning_rate=0.01))
    assert [(g["lr"], g["weight_decay"]) for g in apart.param_groups] == [(1e-4, 1e-4), (0.01, 0.0)]
    assert set_learning_rate(apart, 0.5) == pytest.approx(5e-5)
    assert apart.param_groups[1]["lr"] == pytest.approx(0.005)
    with pytest.raises(UserError, match=r"no optimiser is called 'lion'.*adam, adamw, sgd"):
        build_optimiser({"name": "lion", "learning_rate": 1.0}, network, Automatic(["segmentation"]))


def test_automatic_weighting_by_hand():
    rule = Automatic(["segmentation", "classification"])
    with torch.no_grad():
        rule.scale.copy_(torch.tensor([2.0, 0.5]))
    total = rule.weighted_sum({"segmentation": torch.tensor(3.0), "classification": torch.tensor(1.0)})
    assert total.item() == pytest.approx(0.125 * 3 + math.log(5) + 2 * 1 + math.log(1.25))
    assert rule.weights() == pytest.approx({"segmentation": 0.125, "classification": 2.0})
