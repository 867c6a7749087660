"""Gradient rules against torchjd's aggregators on a network with skip connections, and against their definitions."""

import math

import pytest
import torch
from torch import nn
from torchjd.aggregation import IMTLG, MGDA, CAGrad, PCGrad
from torchjd.autojac import backward, jac_to_grad

from acsnet import ACSNet
from benchmarks.errors import UserError
from benchmarks.training.balancing import _gradients, cagrad, gradnorm, imtl_g, mgda, nash_mtl, pcgrad
from benchmarks.training.balancing._gradients import GradientBalancing, Gram

ORACLES = [
    (pcgrad, {}, PCGrad(), 1e-9),
    (mgda, {}, MGDA(), 1e-6),
    (imtl_g, {}, IMTLG(), 1e-9),
    (cagrad, {}, CAGrad(c=0.4), 1e-4),  # torchjd's comes from a solver
    (cagrad, {"c": 0.9}, CAGrad(c=0.9), 1e-4),
]
BATCHES = [(seed, sign) for seed in range(4) for sign in (1.0, -1.0)]


class TenAndHundred(GradientBalancing):
    """Not a rule: weights by which it shows which parameters were taken for shared."""

    def task_weights(self, gram):
        return 10.0, 100.0


def plain_gradients(network, loss):
    parameters = dict(network.named_parameters())
    found = torch.autograd.grad(loss, parameters.values(), retain_graph=True, allow_unused=True)
    return dict(zip(parameters, found, strict=True))


def gram(network, losses):
    """By flattened vectors, over the parameters that are known to be shared."""
    vectors = [
        torch.cat([g.flatten() for g in torch.autograd.grad(loss, network.shared_parameters(), retain_graph=True)])
        for loss in losses.values()
    ]
    matrix = torch.stack(vectors)
    return matrix @ matrix.T


@pytest.mark.parametrize(("rule", "options", "oracle", "tolerance"), ORACLES)
@pytest.mark.parametrize(("seed", "sign"), BATCHES)
def test_shared_gradients_are_those_of_torchjd(
    rule, options, oracle, tolerance, seed, sign, tasks, make_network, make_batch
):
    ours, theirs = make_network(seed), make_network(seed)
    rule.Rule(tasks, **options).backward(ours.losses(*make_batch(seed), sign), ours)
    backward(list(theirs.losses(*make_batch(seed), sign).values()), inputs=theirs.shared_parameters())
    jac_to_grad(theirs.shared_parameters(), oracle)
    for found, expected in zip(ours.shared_parameters(), theirs.shared_parameters(), strict=True):
        torch.testing.assert_close(found.grad, expected.grad, rtol=tolerance, atol=tolerance)


def test_the_batches_hold_conflicting_and_agreeing_gradients(make_network, make_batch):
    """Else the comparison above would not reach both branches of PCGrad."""
    products = []
    for seed, sign in BATCHES:
        network = make_network(seed)
        products.append(float(gram(network, network.losses(*make_batch(seed), sign))[0, 1]))
    assert min(products) < 0 < max(products)


@pytest.mark.parametrize(("seed", "sign"), BATCHES)
def test_nash_mtl_solves_its_equation_and_points_as_imtl_g(seed, sign, tasks, make_network, make_batch):
    """G w = 1 / w, the definition; the direction is that of torchjd's IMTL-G, the norm sqrt(2)."""
    network, theirs = make_network(seed), make_network(seed)
    losses = network.losses(*make_batch(seed), sign)
    matrix = gram(network, losses)
    rule = nash_mtl.Rule(tasks)
    rule.backward(losses, network)
    weights = torch.tensor(list(rule.weights().values()), dtype=torch.float64)
    torch.testing.assert_close(matrix @ weights, 1 / weights)

    backward(list(theirs.losses(*make_batch(seed), sign).values()), inputs=theirs.shared_parameters())
    jac_to_grad(theirs.shared_parameters(), IMTLG())
    found, expected = (torch.cat([p.grad.flatten() for p in n.shared_parameters()]) for n in (network, theirs))
    torch.testing.assert_close(found / found.norm(), expected / expected.norm())
    assert float(found.norm()) == pytest.approx(math.sqrt(2))


@pytest.mark.parametrize("seed", range(50))
def test_closed_forms_agree_with_torchjd_on_random_vectors(seed):
    """Pairs of very different lengths and angles, which a network seldom gives."""
    generator = torch.Generator().manual_seed(seed)
    pair = torch.randn(2, 3, generator=generator, dtype=torch.float64)
    pair[1] *= 10 ** (4 * torch.rand((), generator=generator) - 2)
    products = pair @ pair.T
    found = Gram(products[0, 0].item(), products[1, 1].item(), products[0, 1].item())
    for rule, options, oracle, tolerance in ORACLES:
        expected = oracle(pair)
        weights = torch.tensor(rule.Rule(["a", "b"], **options).task_weights(found), dtype=torch.float64)
        torch.testing.assert_close(weights @ pair, expected, rtol=tolerance, atol=tolerance * float(pair.norm()))


@pytest.mark.parametrize("c", [0.0, 0.4, 0.9])
@pytest.mark.parametrize("seed", range(30))
def test_cagrad_minimises_its_objective(c, seed):
    """Against the objective itself on a fine grid of x."""
    generator = torch.Generator().manual_seed(seed)
    pair = torch.randn(2, 3, generator=generator, dtype=torch.float64)
    pair[1] *= 10 ** (4 * torch.rand((), generator=generator) - 2)
    products, mean = pair @ pair.T, pair.mean(0)
    radius = c * float(mean.norm())

    def objective(x):
        mixed = x[:, None] * pair[0] + (1 - x[:, None]) * pair[1]
        return mixed @ mean + radius * mixed.norm(dim=1)

    found = cagrad.minimiser(Gram(products[0, 0].item(), products[1, 1].item(), products[0, 1].item()), radius)
    grid = objective(torch.linspace(0, 1, 20001, dtype=torch.float64))
    assert float(objective(torch.tensor([found], dtype=torch.float64))) <= float(grid.min()) + 1e-12


def test_gradnorm_follows_the_gradient_of_its_own_loss(tasks, make_network, make_batch):
    """The paper's equation 2 written out and differentiated by autograd, at a second batch."""
    network, rule = make_network(), gradnorm.Rule(tasks, alpha=1.5)
    first = {task: loss.item() for task, loss in network.losses(*make_batch(0)).items()}
    rule.backward(network.losses(*make_batch(0)), network)
    with torch.no_grad():
        rule.weight.copy_(torch.tensor([0.8, 1.2]))

    losses = network.losses(*make_batch(1))
    weights = torch.tensor([0.8, 1.2], dtype=torch.float64, requires_grad=True)
    norms = []
    for weight, loss in zip(weights, losses.values(), strict=True):
        gradients = torch.autograd.grad(weight * loss, network.shared_parameters(), create_graph=True)
        norms.append(torch.cat([g.flatten() for g in gradients]).norm())
    norms = torch.stack(norms)
    rates = torch.tensor([losses[task].item() / first[task] for task in tasks], dtype=torch.float64)
    target = norms.mean().detach() * (rates / rates.mean()) ** 1.5
    (expected,) = torch.autograd.grad((norms - target).abs().sum(), weights, retain_graph=True)

    weighted = {name: None for name, _ in network.named_parameters()}
    for name, parameter in network.named_parameters():
        (weighted[name],) = torch.autograd.grad(
            0.8 * losses[tasks[0]] + 1.2 * losses[tasks[1]], parameter, retain_graph=True
        )
    rule.backward(losses, network)
    torch.testing.assert_close(rule.weight.grad, expected.float())
    for name, parameter in network.named_parameters():  # the network descends the weighted sum, heads included
        torch.testing.assert_close(parameter.grad, weighted[name], rtol=1e-6, atol=1e-9)


def test_gradnorm_keeps_its_weights_positive_and_of_sum_two(tasks):
    rule = gradnorm.Rule(tasks)
    with torch.no_grad():
        rule.weight.copy_(torch.tensor([-0.1, 3.0]))
    rule.after_step(lambda: pytest.fail("needs no second forward pass"))
    assert float(rule.weight.detach().min()) > 0
    assert float(rule.weight.detach().sum()) == pytest.approx(2)


def test_parameters_of_one_task_keep_their_own_gradient(tasks, make_network, make_batch):
    network = make_network()
    losses = network.losses(*make_batch())
    mask, label = (plain_gradients(network, loss) for loss in losses.values())
    TenAndHundred(tasks).backward(losses, network)
    for name, parameter in network.named_parameters():
        if name.startswith(network.shared):
            expected = 10 * mask[name] + 100 * label[name]
        else:
            expected = mask[name] if name.startswith("decoder.") else label[name]
        torch.testing.assert_close(parameter.grad, expected)


def test_in_acsnet_encoder_and_first_decoder_stage_are_shared(tasks):
    """The classifier takes the two deepest features and the first decoded one: the rest is one task's."""
    torch.manual_seed(0)
    network = ACSNet().eval()
    mask, label, _ = network(torch.randn(1, 3, 32, 32))
    losses = {"segmentation": mask.square().mean(), "classification": label.square().mean()}
    first, second = _gradients.task_gradients(list(losses.values()), list(network.parameters()))
    reached = {"shared": set(), "segmentation": set(), "classification": set()}
    for (name, _), by_mask, by_label in zip(network.named_parameters(), first, second, strict=True):
        kind = "shared" if by_mask is not None and by_label is not None else tasks[by_mask is None]
        reached[kind].add(name.partition(".")[0])
    assert reached == {
        "shared": {"encoder", "gate", "stage1"},
        "segmentation": {"stage2", "stage3", "stage4", "mask_output"},
        "classification": {"classifier"},
    }


def test_a_parameter_that_no_loss_reaches_keeps_no_gradient(tasks, make_network, make_batch):
    network = make_network()
    network.idle = nn.Linear(2, 2).double()
    network.decoder.bias.requires_grad_(False)
    TenAndHundred(tasks).backward(network.losses(*make_batch()), network)
    assert network.idle.weight.grad is None
    assert network.decoder.bias.grad is None


def test_tasks_that_share_nothing_train_as_apart(tasks):
    network = nn.ModuleList([nn.Linear(2, 1), nn.Linear(2, 1)])
    losses = dict(zip(tasks, (layer(torch.ones(1, 2)).sum() for layer in network), strict=True))
    for rule in (pcgrad, mgda, imtl_g, nash_mtl, cagrad, gradnorm):
        rule.Rule(tasks).backward({task: loss.clone() for task, loss in losses.items()}, network)
        assert all(torch.equal(layer.weight.grad, torch.ones(1, 2)) for layer in network)
        losses = dict(zip(tasks, (layer(torch.ones(1, 2)).sum() for layer in network), strict=True))


@pytest.mark.parametrize("rule", [pcgrad, mgda, imtl_g, nash_mtl, cagrad, gradnorm])
@pytest.mark.parametrize("products", [(0, 0, 0), (1, 0, 0), (0, 2, 0), (1, 1, 1), (1, 1, -1), (4, 1, 2), (4, 1, -2)])
def test_vanished_equal_and_opposed_gradients_give_finite_weights(rule, products, tasks):
    weights = rule.Rule(tasks).task_weights(Gram(*map(float, products)))
    assert all(math.isfinite(weight) and weight >= 0 for weight in weights)


def test_a_gradient_that_is_not_finite_ends_in_the_engines_message(tasks):
    """The engine reports losses that are not finite after the epoch: no rule may raise before."""
    for rule in (pcgrad, mgda, imtl_g, nash_mtl, cagrad, gradnorm):
        for value in (math.nan, math.inf):
            rule.Rule(tasks).task_weights(Gram(value, value, value))


@pytest.mark.parametrize("rule", [pcgrad, mgda, imtl_g, nash_mtl, cagrad, gradnorm])
def test_opposed_gradients_of_equal_length_cancel(rule, tasks):
    first, second = rule.Rule(tasks).task_weights(Gram(1.0, 1.0, -1.0))
    assert first == pytest.approx(second)


def test_a_compiled_network_is_refused(tasks, make_network, make_batch):
    network = make_network()
    losses = network.losses(*make_batch())
    network.compile()
    with pytest.raises(UserError, match=r"engine\.compile"):
        pcgrad.Rule(tasks).backward(losses, network)


@pytest.mark.parametrize("c", [-0.1, 1.0, math.nan])
def test_cagrad_refuses_a_radius_outside_its_range(c, tasks):
    with pytest.raises(UserError, match="cagrad"):
        cagrad.Rule(tasks, c=c)
