"""Networks by name: what cannot be built is explained."""

from itertools import pairwise

import pytest

from benchmarks.configuration import Model
from benchmarks.errors import UserError
from benchmarks.networks import build, expected_parameters, parameter_count


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Model("baselines.unet"), "expected 'module:Class', found 'baselines.unet'"),
        (Model("baselines.nowhere:UNet"), "No module named 'baselines.nowhere'. Is the file under baselines/"),
        (Model("baselines.unet:VNet"), "unet.py defines no VNet"),
        (Model("acsnet:ACSNet", {"gate": False}), r"unexpected keyword argument 'gate'.*It takes: gates, deformable"),
        (Model("acsnet:ACSNet", {"heads": "three"}), "acsnet:ACSNet: .*three"),
        (Model("baselines.shared_encoder:SharedEncoder", {"encoder": "resnet19"}), "resnet19"),
    ],
)
def test_what_cannot_be_built_is_named(model, message):
    with pytest.raises(UserError, match=message):
        build(model)


def test_encoder_weights_reach_only_networks_that_take_them(tmp_path):
    missing = str(tmp_path / "weights.pt")
    with pytest.raises(UserError, match=r"weights\.pt"):
        build(Model("acsnet:ACSNet"), encoder_weights=missing)
    build(Model("baselines.unet:UNet"), encoder_weights=missing)


def test_stated_count_of_the_entry_wins_over_the_card():
    assert expected_parameters(Model("acsnet:ACSNet")) == 31_824_945
    assert expected_parameters(Model("acsnet:ACSNet", parameters=7)) == 7


def test_parameter_count_of_the_unet_is_the_closed_form():
    def double(
        i, o
    ):  # two 3x3 convolutions with biases or batch norms in between count 9io + 9oo and 2 or 4 per channel
        return 9 * i * o + 9 * o * o

    widths = [64, 128, 256, 512, 1024]
    weights = double(3, 64) + sum(double(a, b) for a, b in pairwise(widths))
    weights += sum(4 * b * a + double(b, a) for a, b in pairwise(widths)) + 64
    count = parameter_count(build(Model("baselines.unet:UNet")))
    assert weights < count < 1.001 * weights
