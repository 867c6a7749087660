"""The check before training stops faulty networks and says what is wrong; honest ones are let through."""

import dataclasses

import numpy as np
import pytest
import torch

from benchmarks.configuration import Model, read_parameters
from benchmarks.errors import UserError
from benchmarks.training.behaviour import measure_network
from benchmarks.training.checks.contract import check_contract, told
from benchmarks.training.checks.evaluation_mode import fault_of_orientation
from benchmarks.training.checks.two_images import MOVES, fault_of_fit, two_images
from tests.training.checks.faulty import Honest

HERE = "tests.training.checks.faulty"


def check(network: str) -> None:
    check_contract(Model(f"{HERE}:{network}"), classes=2, side=64, device=torch.device("cpu"))


@pytest.mark.parametrize("network", ["Honest", "OwnLoss", "SegmentationAlone", "ClassificationAlone"])
def test_an_honest_network_is_let_through(network):
    before = torch.get_rng_state()
    check(network)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ("SigmoidMask", r"mask logits: all lie in \[0, 1\], as after a sigmoid"),
        ("SoftmaxClass", r"class logits: all lie in \[0, 1\], as after a sigmoid or softmax"),
        ("SigmoidClass", r"class logits: all lie in \[0, 1\]"),
        ("NoCitation", r"citation: expected a text on the class, found ''"),
        ("NoLicence", r"licence: expected a text on the class, found None"),
        ("OddFidelity", r"fidelity: expected 'faithful' or 'adapted: how' on the class, found 'more or less'"),
        ("WrongCount", r"it has 3,011 trainable parameters, 6,000 are stated"),
        ("LabelsTurnedRound", r"the classes come out the other way round"),
        ("LabelsForgotten", r"class logits: expected probabilities above 0\.75, found"),
        ("TransposedInLoss", r"mask logits: (all masks are empty|expected Dice|the masks come out transposed)"),
        ("UpsideDownInLoss", r"mask logits: (all masks are empty|expected Dice|the masks come out upside)"),
        ("InvertedInLoss", r"masks come out inverted"),
        ("ChangesMasks", r"change the masks that they are given"),
        ("Transposed", r"mask logits|masks come out transposed"),
        ("Mirrored", r"mask logits|masks come out mirrored"),
        ("IgnoresImage", r"class logits: expected probabilities above"),
        ("MaskIgnoresImage", r"mask logits: "),
        ("DropoutInEvaluation", r"differ between two passes"),
        ("NoiseInEvaluation", r"differ between two passes"),
        ("Remembers", r"differ between two passes|depend on the others"),
        ("PlainList", r"others once the state dict is loaded .* \(use ModuleList\)"),
        ("NumbersOutsideOfTheState", r"others once the state dict is loaded .* no buffer holds"),
        ("AlwaysEvaluates", r"train\(\): the network is not in training mode after it"),
        ("AlwaysTrains", r"eval\(\): the network is not in evaluation mode after it"),
        ("BatchDependent", r"depend on the others of its batch|after 150 steps"),
        ("BatchStatistics", r"of an image depend on the others of its batch"),
        ("Squeezes", r"of an image depend on the others of its batch"),
        ("NanInEvaluation", r"evaluation mode: forward: mask logits: expected finite numbers, found NaN"),
        ("NoMaskInEvaluation", r"expected the heads of training mode, segmentation and classification, found class"),
        ("FrozenStatistics", r"after 150 steps"),
        ("Detached", r"no loss reaches|after 150 steps"),
        ("Unused", r"no loss reaches 2 of its parameters \(other\.bias, other\.weight"),
        ("Reseeds", r"sets torch's random numbers"),
        ("ChangesImages", r"change the images that they are given"),
    ],
)
def test_a_fault_is_named_in_one_line(network, message):
    with pytest.raises(UserError, match=message) as raised:
        check(network)
    assert str(raised.value).startswith(f"{HERE}:{network}: ")
    assert "\n" not in str(raised.value)


def test_masks_that_answer_in_another_place_are_told():
    """Where a network learns two images by heart, moved as its masks are, only this tells."""
    network = Honest()
    fault_of_fit(network)
    network.eval()
    forward = network.forward
    with torch.no_grad():
        assert fault_of_orientation(network, torch.device("cpu")) is None
        for name, move in list(MOVES.items())[:-1]:

            def moved(images, move=move):
                mask, label, auxiliary = forward(images)
                return move(mask), label, auxiliary

            network.forward = moved
            assert f"masks come out {name}: " in fault_of_orientation(network, torch.device("cpu"))


def test_no_lesion_of_the_fit_looks_like_itself_moved():
    """Or a mask that is moved would pass for one that is not: Dice at most one half, counted here by sets of pixels."""
    _, masks, _ = two_images(torch.device("cpu"))
    for mask in masks[:, 0].bool().numpy():
        pixels = {(row, column) for row, column in zip(*np.nonzero(mask), strict=True)}
        moves = {
            frozenset((a if a_stays else 63 - a, b if b_stays else 63 - b) for a, b in pairs)
            for pairs in (pixels, {(column, row) for row, column in pixels})
            for a_stays in (True, False)
            for b_stays in (True, False)
        }
        assert len(moves) == 8
        assert all(2 * len(moved & pixels) / (2 * len(pixels)) <= 0.5 for moved in moves if moved != pixels)


@pytest.mark.parametrize(("network", "message"), [("OneChannel", "to have 1 channels"), ("ToCuda", r"CUDA|NVIDIA")])
@pytest.mark.skipif(torch.cuda.is_available(), reason="with a GPU, .cuda() is no fault here")
def test_what_the_networks_own_code_raises_is_told_with_its_place(network, message):
    with pytest.raises(Exception, match=message) as raised:
        check(network)
    assert f"{HERE}:{network}, checks/faulty.py line " in told(raised.value, Model(f"{HERE}:{network}"))


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ("NanInEvaluation", r"evaluation mode: forward: mask logits: expected finite numbers"),
        ("OneChannel", r"toy cannot be trained for a step .* checks/faulty\.py line \d+: RuntimeError: .* 1 channels"),
    ],
)
def test_the_measurement_of_its_behaviour_says_the_same(make_cell, repository, network, message):
    """It comes first where a cell is not on file."""
    cell = dataclasses.replace(make_cell(), model=Model(f"{HERE}:{network}"))
    with pytest.raises(UserError, match=message):
        measure_network(read_parameters(repository / "params.yaml"), cell)
