"""What holds of every rule: it survives a resume, bears one task, and weighs as it says."""

import io
import re
from pathlib import Path

import pytest
import torch

from benchmarks.training import balancing
from benchmarks.training.balancing import rule_module
from benchmarks.training.optimisation import build_optimiser

RULES = sorted(file.stem for file in Path(balancing.__file__).parent.glob("[!_]*.py"))
EPOCHS, STEPS = 6, 3


def start(name, tasks, make_network):
    network = make_network().float()
    rule = rule_module(name).Rule(tasks)
    return network, rule, build_optimiser({"name": "adam", "learning_rate": 0.01}, network, rule)


def train(parts, epochs, make_batch):
    """The engine's order of calls."""
    network, rule, optimiser = parts
    for epoch in epochs:
        torch.manual_seed(epoch)
        totals = dict.fromkeys(rule.tasks, 0.0)
        for step in range(STEPS):
            images, masks, labels = make_batch(STEPS * epoch + step)
            batch = images.float(), masks.float(), labels
            losses = network.losses(*batch)
            optimiser.zero_grad(set_to_none=True)
            rule.backward(losses, network)
            optimiser.step()
            rule.after_step(lambda batch=batch: network.losses(*batch))
            totals = {task: totals[task] + losses[task].item() for task in totals}
        rule.end_epoch({task: total / STEPS for task, total in totals.items()})


def test_every_rule_that_the_documentation_lists_exists():
    page = Path("docs/loss-balancing.md").read_text()
    listed = set(re.findall(r"^\| `(\w+)` \|", page.partition("## Cost per step")[0], re.MULTILINE))
    assert listed == set(RULES)


@pytest.mark.parametrize("name", RULES)
def test_an_interrupted_training_ends_as_one_that_was_not(name, tasks, make_network, make_batch):
    """State of network, rule and optimiser go through a file after half of the epochs, as in the engine."""
    whole = start(name, tasks, make_network)
    train(whole, range(EPOCHS), make_batch)
    first = start(name, tasks, make_network)
    train(first, range(EPOCHS // 2), make_batch)
    file = io.BytesIO()
    torch.save([part.state_dict() for part in first], file)
    file.seek(0)
    second = start(name, tasks, make_network)
    for part, state in zip(second, torch.load(file, weights_only=True), strict=True):
        part.load_state_dict(state)
    train(second, range(EPOCHS // 2, EPOCHS), make_batch)
    for expected, found in zip(whole[0].parameters(), second[0].parameters(), strict=True):
        assert torch.equal(expected, found)
    assert whole[1].weights() == second[1].weights()


@pytest.mark.parametrize("name", [name for name in RULES if name != "automatic"])  # it keeps its own formula
def test_one_task_alone_has_its_plain_gradient(name, make_network, make_batch):
    parts = start(name, ["segmentation"], make_network)
    network, rule, _ = parts
    train(parts, range(3), make_batch)
    images, masks, labels = make_batch(99)
    batch = images.float(), masks.float(), labels
    network.zero_grad()
    network.losses(*batch)["segmentation"].backward()
    expected = {key: p.grad.clone() for key, p in network.named_parameters() if p.grad is not None}
    network.zero_grad()
    rule.backward({"segmentation": network.losses(*batch)["segmentation"]}, network)
    found = {key: p.grad for key, p in network.named_parameters() if p.grad is not None}
    assert found.keys() == expected.keys()
    for key in expected:
        torch.testing.assert_close(found[key], expected[key], rtol=1e-5, atol=1e-8)
    assert rule.weights() == {"segmentation": pytest.approx(1)}


@pytest.mark.parametrize("name", RULES)
def test_shared_gradients_are_weighed_as_logged(name, tasks, make_network, make_batch):
    parts = start(name, tasks, make_network)
    network, rule, _ = parts
    train(parts, range(3), make_batch)
    images, masks, labels = make_batch(99)
    losses = network.losses(images.float(), masks.float(), labels)
    shared = network.shared_parameters()
    first, second = (torch.autograd.grad(loss, shared, retain_graph=True) for loss in losses.values())
    network.zero_grad()
    rule.backward(losses, network)
    weights = rule.weights()
    assert list(weights) == tasks
    for parameter, a, b in zip(shared, first, second, strict=True):
        expected = weights["segmentation"] * a + weights["classification"] * b
        torch.testing.assert_close(parameter.grad, expected, rtol=1e-4, atol=1e-7)
