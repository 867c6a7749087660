"""What a recipe may ask for beyond the paper's: each held to torch's own or to numbers by hand, and resumed alike."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.optim import lr_scheduler

from benchmarks.configuration import AuxiliaryLoss, ParameterGroup, Split, WarmUp, read_parameters
from benchmarks.errors import UserError
from benchmarks.training import data
from benchmarks.training.averaging import build_average
from benchmarks.training.balancing.automatic import Rule as Automatic
from benchmarks.training.behaviour import measure_engine, measure_network, moved
from benchmarks.training.cell import declared_cell
from benchmarks.training.checks.contract import check_contract
from benchmarks.training.fingerprints import tasks_of
from benchmarks.training.optimisation import Plateau, build_optimiser, learning_rate_factor
from benchmarks.training.run import train_run
from benchmarks.training.trainer import Trainer
from tests.training.toy import Toy, ToyThatForgetsAGroup, ToyWithEdges, ToyWithGroups

EDGES = AuxiliaryLoss("segmentation", "binary_cross_entropy", 0.4)
SECOND = AuxiliaryLoss("classification", "cross_entropy", 2.0)
ADAM = {"name": "adam", "learning_rate": 1e-3, "weight_decay": 1e-4}
RECIPES = {
    "groups": {"parameter_groups": {"encoder": ParameterGroup(0.1), "bias": ParameterGroup(2.0, 0.0)}},
    "warm-up": {"warm_up": WarmUp(2, 0.1)},
    "plateau": {"schedule": {"name": "plateau", "patience": 0, "factor": 0.5}},
    "clipping": {"clip_gradients": 0.01},
    "exponential": {"average_weights": {"name": "exponential", "decay": 0.6}},
    "equal": {"average_weights": {"name": "equal", "at_share": 0.25}},
    "auxiliary": {"auxiliary_losses": {"edges": EDGES, "second": SECOND}},
}


def with_recipe(cell, **changes):
    return dataclasses.replace(cell, recipe=dataclasses.replace(cell.recipe, **changes))


def load(cell):
    return data.load(cell.benchmark_name, cell.benchmark, torch.device("cpu"))


def left_behind(cell) -> tuple[dict, pd.DataFrame, pd.DataFrame]:
    """A finished run's weights, last predictions and curves."""
    folder = cell.run_folder(0, 0)
    curves = pd.read_csv(folder / "curves.csv").drop(columns="seconds")
    weights = torch.load(folder / "weights.pt", weights_only=True)["network"]
    return weights, pd.read_parquet(folder / "predictions-last_epoch.parquet"), curves


@pytest.mark.parametrize("name", ["busi-small-resnet18", "busi-balancing-small-shared_unet_gradnorm"])
def test_a_recipe_that_asks_for_nothing_new_trains_as_before(repository, name):
    """As was measured before any of this could be asked for."""
    kept = json.loads((repository / "fingerprints.json").read_text())[name]
    parameters = read_parameters(repository / "params.yaml")
    cell = declared_cell(parameters, *name.rsplit("-", 1))
    assert moved(kept["engine"], measure_engine(cell, tasks_of(kept["network"]))) == []
    if cell.model_name == "resnet18":  # the quicker of the two networks
        assert moved(kept["network"], measure_network(parameters, cell)) == []


class Killed(Exception):
    pass


@pytest.mark.parametrize("name", RECIPES)
def test_an_interrupted_run_ends_as_an_uninterrupted_one_does(make_cell, name):
    cell = with_recipe(make_cell(network="ToyWithEdges", epochs=4), **RECIPES[name])
    cases = load(cell)
    train_run(cell, cases, 0, 0, "print")
    uninterrupted = left_behind(cell)
    (cell.run_folder(0, 0) / "record.json").unlink()

    def stop(row):
        if row["epoch"] == 1:
            raise Killed

    with pytest.raises(Killed):
        train_run(cell, cases, 0, 0, "print", stop)
    train_run(cell, cases, 0, 0, "print")
    resumed = left_behind(cell)
    assert all(torch.equal(resumed[0][key], tensor) for key, tensor in uninterrupted[0].items())
    for first, second in zip(resumed[1:], uninterrupted[1:], strict=True):
        pd.testing.assert_frame_equal(first, second, check_exact=True)


@pytest.mark.parametrize("name", RECIPES)
def test_each_changes_the_training(make_cell, name):
    cell = make_cell(network="ToyWithEdges", epochs=4)
    losses = []
    for changed in (cell, with_recipe(cell, **RECIPES[name])):
        trainer = Trainer(changed, load(changed), 0, 0)
        for epoch in range(3):
            row = trainer.train_epoch(epoch)
            trainer.end_epoch({"selection_score_validation": 0.5})
        losses.append([row["train_loss"], row["learning_rate"], trainer.evaluate("test").loss])
    assert losses[0] != losses[1]


def test_a_warm_up_is_torchs_linear_one_times_the_schedule(make_cell):
    recipe = with_recipe(make_cell(), schedule={"name": "cosine"}, warm_up=WarmUp(5, 0.2)).recipe
    optimiser = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    warm_up = lr_scheduler.LinearLR(optimiser, start_factor=0.2, total_iters=5)
    chained = lr_scheduler.ChainedScheduler([warm_up, lr_scheduler.CosineAnnealingLR(optimiser, T_max=20)])
    for epoch in range(20):
        assert learning_rate_factor(recipe, epoch, 20) == pytest.approx(optimiser.param_groups[0]["lr"])
        optimiser.step()
        chained.step()


def test_a_plateau_lowers_the_rate_after_its_patience(make_cell):
    plateau, factors = Plateau(factor=0.5, patience=2), []
    for score in [0.1, 0.2, 0.2, 0.1, 0.2, 0.3, 0.3, 0.3, 0.3]:
        plateau.step({"selection_score_validation": score})
        factors.append(plateau.factor)
    assert factors == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25]
    by_loss = Plateau(factor=0.1, patience=0, by="loss")
    by_loss.step({"validation_loss": 1.0})
    by_loss.step({"validation_loss": 1.5})
    assert by_loss.factor == pytest.approx(0.1)


def test_a_plateau_needs_inner_validation(make_cell, tmp_path):
    cell = with_recipe(make_cell(), **RECIPES["plateau"])
    path = tmp_path / "prepared" / "benchmarks" / "tiny" / "folds.csv"
    path.write_text(path.read_text().replace("validation", "train"))
    assert isinstance(cell.benchmark.split, Split)
    with pytest.raises(UserError, match="schedule plateau looks at inner validation"):
        Trainer(cell, load(cell), 0, 0)


def test_gradients_are_clipped_to_the_norm(make_cell):
    cell = with_recipe(make_cell(), clip_gradients=0.01)
    trainer = Trainer(cell, load(cell), 0, 0)
    trainer.network.train()
    at = torch.from_numpy(trainer.cases.positions(0, "train"))[:8]
    trainer.step(at, torch.eye(2).repeat(8, 1, 1))
    norm = torch.stack([p.grad.norm() for p in trainer.network.parameters()]).norm()
    assert norm.item() == pytest.approx(0.01, rel=1e-4)


def weights_of(values: list[float], average) -> list[float]:
    found = []
    for epoch, value in enumerate(values):
        with torch.no_grad():
            average.network.weight.fill_(value)
        average.after_step()
        average.after_epoch(epoch)
        found.append(float(average.current.weight))
    return found


def test_averages_by_hand():
    decayed = build_average({"name": "exponential", "decay": 0.75}, nn.Linear(1, 1), epochs=3)
    assert weights_of([1.0, 2.0, 4.0], decayed) == pytest.approx([1, 0.75 + 0.5, 0.75 * 1.25 + 1])
    equal = build_average({"name": "equal", "at_share": 0.5}, nn.Linear(1, 1), epochs=4)
    assert weights_of([1.0, 2.0, 4.0, 8.0], equal) == pytest.approx([1, 2, 4, 6])


def test_what_is_kept_is_what_was_evaluated(make_cell):
    cell = with_recipe(make_cell(epochs=3), average_weights={"name": "exponential", "decay": 0.9})
    cases = load(cell)
    train_run(cell, cases, 0, 0, "print")
    trainer = Trainer(with_recipe(cell, average_weights=None), cases, 0, 0)
    trainer.network.load_state_dict(left_behind(cell)[0])
    stored = pd.read_parquet(cell.run_folder(0, 0) / "predictions-inner_validation.parquet")
    np.testing.assert_allclose(trainer.evaluate("test").probabilities, stored["probability"], atol=1e-7)


def groups_of(optimiser) -> list[tuple[int, float, float]]:
    """How many numbers each group holds, its rate and its decay."""
    groups = [(sum(p.numel() for p in g["params"]), g["lr"], g["weight_decay"]) for g in optimiser.param_groups]
    return [(count, pytest.approx(rate), decay) for count, rate, decay in groups]


def test_parts_have_their_own_rates_and_decays():
    """Of Toy: encoder 3*8*9 + 8 (bias) + 8 + 8 (bias), decoder 8*9 + 1 (bias), classifier 16 + 2 (bias)."""
    rule = Automatic(["segmentation", "classification"])
    settings = {
        "encoder": ParameterGroup(0.1),
        "bias": ParameterGroup(2.0, 0.0),
        "balancing": ParameterGroup(100.0),
    }
    found = groups_of(build_optimiser(ADAM, Toy(), rule, settings))
    expected = [(72 + 16, 1e-3, 1e-4), (216 + 8, 1e-4, 1e-4), (16, 2e-4, 0.0), (1 + 2, 2e-3, 0.0), (2, 0.1, 1e-4)]
    assert found == expected
    with_own_rate = Automatic(["segmentation", "classification"], learning_rate=0.5)
    assert groups_of(build_optimiser(ADAM, Toy(), with_own_rate, {"encoder": ParameterGroup(0.1)}))[-1] == (2, 0.5, 0.0)


def test_a_network_may_bring_its_groups():
    rule = Automatic(["segmentation", "classification"])
    found = groups_of(build_optimiser(ADAM, ToyWithGroups(), rule))
    assert found == [(331 - 18 + 2, 1e-3, 1e-4), (18, 1e-2, 0.0)]
    with pytest.raises(UserError, match="each of the 8 parameters that are learned once, found 4"):
        build_optimiser(ADAM, ToyThatForgetsAGroup(), rule)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (
            {"encodr": ParameterGroup(0.1)},
            r"no part of the network is called 'encodr'. Known: encoder, decoder, classif",
        ),
        (
            {"encoder": ParameterGroup(1.0, 0.1), "bias": ParameterGroup(1.0, 0.0)},
            r"encoder.0.bias is in encoder and bias, of different weight decays",
        ),
    ],
)
def test_groups_that_cannot_be_followed_are_named(groups, message):
    with pytest.raises(UserError, match=message):
        build_optimiser(ADAM, Toy(), Automatic(["segmentation"]), groups)


def test_auxiliary_losses_are_added_to_the_task_that_they_serve(make_cell):
    cell = make_cell(network="ToyWithEdges")
    plain = Trainer(cell, load(cell), 0, 0)
    trained = Trainer(with_recipe(cell, **RECIPES["auxiliary"]), load(cell), 0, 0)
    images = torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    masks, labels = (images[:, :1] > 0).float(), torch.tensor([0, 1, 1, 0])
    for trainer in (plain, trained):
        trainer.network.eval()
    found, before = trained.losses(images, masks, labels), plain.losses(images, masks, labels)
    with torch.no_grad():
        extra = trained.network(images)[2]
        enlarged = [nn.functional.interpolate(one, size=(32, 32), mode="bilinear") for one in extra["edges"]]
        edges = np.mean([float(nn.BCEWithLogitsLoss()(one, masks)) for one in enlarged])
        second = float(nn.CrossEntropyLoss()(extra["second"], labels))
    assert float(found["segmentation"]) == pytest.approx(float(before["segmentation"]) + 0.4 * edges, rel=1e-5)
    assert float(found["classification"]) == pytest.approx(float(before["classification"]) + 2 * second, rel=1e-5)


def test_auxiliary_losses_that_the_network_cannot_have_are_named(make_cell):
    cell = with_recipe(make_cell(network="ToyWithEdges"), auxiliary_losses={"border": EDGES})
    batch = torch.zeros(2, 3, 32, 32), torch.zeros(2, 1, 32, 32), torch.tensor([0, 1])
    with pytest.raises(UserError, match="returns no 'border' in its dictionary, but edges, second"):
        Trainer(cell, load(cell), 0, 0).losses(*batch)
    wrong = with_recipe(cell, auxiliary_losses={"second": EDGES})
    with pytest.raises(UserError, match=r"auxiliary_losses.second: expected logits \(B, 1, h, w\)"):
        Trainer(wrong, load(cell), 0, 0).losses(*batch)
    own = with_recipe(make_cell(network="ToyWithItsOwnLoss"), auxiliary_losses={"edges": EDGES})
    with pytest.raises(UserError, match="has a method `losses`"):
        Trainer(own, load(own), 0, 0)


def test_what_only_an_auxiliary_loss_reaches_is_no_breach_of_the_contract(make_cell):
    cell = make_cell(network="ToyWithEdges")
    model = dataclasses.replace(cell.model, parameters=sum(p.numel() for p in ToyWithEdges().parameters()))
    auxiliary = RECIPES["auxiliary"]["auxiliary_losses"]
    check_contract(model, 2, 32, torch.device("cpu"), auxiliary)
    with pytest.raises(UserError, match="no loss reaches 4 of its parameters"):
        check_contract(model, 2, 32, torch.device("cpu"))
