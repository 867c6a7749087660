"""Names that are not known."""

import pytest

from benchmarks.configuration import lookup
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
