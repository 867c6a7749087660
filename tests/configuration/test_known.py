"""Names that are not known."""

import pytest

from benchmarks.configuration import lookup
from benchmarks.configuration.known import unknown
from benchmarks.errors import UserError


def test_a_known_name_gives_its_entry():
    assert lookup({"adam": 1}, "adam", "optimiser") == 1


def test_the_nearest_name_and_all_known_ones_are_said():
    message = r"^params\.yaml: no optimiser is called 'adma'\. Did you mean 'adam'\? Known: adam, sgd\.$"
    with pytest.raises(UserError, match=message):
        lookup({"adam": 1, "sgd": 2}, "adma", "optimiser")


def test_nothing_may_be_known():
    with pytest.raises(UserError, match=r"^here: no option is called 'x'\. Known: none\.$"):
        lookup({}, "x", "option", "here")


def test_of_many_names_the_nearest_are_told_and_what_lists_all():
    known = dict.fromkeys([*(f"resnet{depth}" for depth in range(30)), "unet"])
    with pytest.raises(UserError) as error:
        lookup(known, "resnet99", "model")
    told = str(error.value)
    assert told.startswith("params.yaml: no model is called 'resnet99'. Nearest: resnet")
    assert told.count("resnet") == 1 + 5
    assert told.endswith("`acsbench configuration --names models` lists all 31.")
    with pytest.raises(UserError, match=r"'zzz'\. None is near it\. `acsbench configuration --names models`"):
        lookup(known, "zzz", "model")


def test_names_that_no_command_lists_are_all_told():
    known = [f"option_{number}" for number in range(20)]
    assert unknown(known, "option", "option").endswith(f"Known: {', '.join(known)}.")
