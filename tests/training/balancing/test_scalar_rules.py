"""Rules that weigh the losses, against torchjd's scalarizers and closed forms."""

import math

import pytest
import torch
from torchjd.scalarization import DWA, FAMO, IMTLL, UW

from benchmarks.errors import UserError
from benchmarks.training.balancing import dwa, famo, imtl_l, rlw, uncertainty

SEQUENCE = [(0.9, 0.7), (0.8, 0.69), (0.5, 0.6), (0.45, 0.65)]


def as_losses(tasks, values):
    return {task: torch.tensor(value, dtype=torch.float64) for task, value in zip(tasks, values, strict=True)}


@pytest.mark.parametrize(("rule", "oracle", "parameter"), [(uncertainty, UW, "log_var"), (imtl_l, IMTLL, "log_scale")])
def test_learned_scales_give_value_and_gradients_of_torchjd(rule, oracle, parameter, tasks):
    values = torch.tensor([0.9, 0.3], dtype=torch.float64)
    scales = torch.tensor([0.4, -1.1])
    ours, theirs = rule.Rule(tasks), oracle(2)
    with torch.no_grad():
        ours.scale.copy_(scales)
        getattr(theirs, parameter).copy_(scales)
    by_us, by_them = (values.clone().requires_grad_() for _ in range(2))
    found, expected = ours.weighted_sum(dict(zip(tasks, by_us, strict=True))), theirs(by_them)
    found.backward()
    expected.backward()
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(by_us.grad, by_them.grad)
    torch.testing.assert_close(ours.scale.grad, getattr(theirs, parameter).grad)
    assert list(ours.weights().values()) == pytest.approx(by_them.grad.tolist())


@pytest.mark.parametrize(("rule", "factor"), [(uncertainty, 0.5), (imtl_l, 1.0)])
def test_learned_weights_settle_at_the_inverse_of_the_losses(rule, factor, tasks):
    """The closed form of each minimum, reached by gradient descent."""
    balancing = rule.Rule(tasks)
    optimiser = torch.optim.Adam(balancing.parameters(), lr=0.05)
    for _ in range(400):
        optimiser.zero_grad()
        balancing.weighted_sum(as_losses(tasks, (0.5, 4.0))).backward()
        optimiser.step()
    assert list(balancing.weights().values()) == pytest.approx([factor / 0.5, factor / 4.0], rel=1e-3)


def test_dwa_is_torchjds_over_epochs(tasks):
    ours, theirs = dwa.Rule(tasks), DWA()
    for values in SEQUENCE:
        found = ours.weighted_sum(as_losses(tasks, values))
        torch.testing.assert_close(found, theirs(torch.tensor(values, dtype=torch.float64)), rtol=1e-6, atol=0)
        ours.end_epoch(dict(zip(tasks, values, strict=True)))
        theirs.step()
    rates = [math.exp(0.45 / 0.5 / 2), math.exp(0.65 / 0.6 / 2)]
    assert list(ours.weights().values()) == pytest.approx([2 * rate / sum(rates) for rate in rates])


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan])
def test_dwa_refuses_a_temperature_that_is_not_positive(temperature, tasks):
    with pytest.raises(UserError, match="temperature"):
        dwa.Rule(tasks, temperature=temperature)


def test_rlw_weighs_by_the_softmax_of_a_normal_draw(tasks):
    rule = rlw.Rule(tasks)
    torch.manual_seed(7)
    found = rule.weighted_sum(as_losses(tasks, (0.9, 0.3)))
    torch.manual_seed(7)
    a, b = torch.randn(2).tolist()
    share = 1 / (1 + math.exp(b - a))
    assert float(found) == pytest.approx(2 * share * 0.9 + 2 * (1 - share) * 0.3)
    assert sum(rule.weights().values()) == pytest.approx(2)
    drawn = [rule.weighted_sum(as_losses(tasks, (1.0, 0.0))).item() for _ in range(4000)]
    assert sum(drawn) / len(drawn) == pytest.approx(1, abs=0.03)  # five standard errors
    assert len(set(drawn)) > 3900


def test_famo_takes_torchjds_steps(tasks, make_network, make_batch):
    """Value, gradients and logits over some steps of a network, with a forward pass after each."""
    networks = make_network(), make_network()
    ours, theirs = famo.Rule(tasks).double(), FAMO(2).double()
    optimisers = [torch.optim.SGD(network.parameters(), lr=0.1) for network in networks]
    for step in range(5):
        batch = make_batch(step)
        for network, optimiser in zip(networks, optimisers, strict=True):
            optimiser.zero_grad()
            if network is networks[0]:
                ours.backward(network.losses(*batch), network)
            else:
                theirs(torch.stack(list(network.losses(*batch).values()))).backward()
            optimiser.step()
        ours.after_step(lambda batch=batch: networks[0].losses(*batch))
        theirs.update(torch.stack(list(networks[1].losses(*batch).values())))
    assert ours.logits.abs().max() > 0.01  # they moved
    torch.testing.assert_close(ours.logits, theirs._w.detach(), rtol=1e-5, atol=1e-8)
    for found, expected in zip(networks[0].parameters(), networks[1].parameters(), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-9)


def test_famo_logs_the_weights_it_applied(tasks, make_network, make_batch):
    network, rule = make_network(), famo.Rule(tasks)
    losses = network.losses(*make_batch())
    parts = [torch.autograd.grad(loss, network.shallow.weight, retain_graph=True)[0] for loss in losses.values()]
    rule.backward(losses, network)
    weights = list(rule.weights().values())
    torch.testing.assert_close(
        network.shallow.weight.grad, weights[0] * parts[0] + weights[1] * parts[1], rtol=1e-6, atol=1e-9
    )
    assert sum(weights) == pytest.approx(1)
    assert weights[0] * losses["segmentation"].item() == pytest.approx(weights[1] * losses["classification"].item())


def test_famo_bears_a_loss_below_zero(tasks):
    """The released Dice loss can be: its numerator holds the smoothing term twice."""
    values = torch.tensor([-1.0, 0.5], requires_grad=True)
    rule = famo.Rule(tasks)
    rule.weighted_sum(dict(zip(tasks, values, strict=True))).backward()
    rule.after_step(lambda: dict(zip(tasks, values.detach(), strict=True)))
    assert torch.isfinite(values.grad).all()
    assert torch.isfinite(rule.logits).all()
