"""What `acsbench check` says of a network: every promise by itself, and the count to enter."""

import dataclasses

import pytest
import torch
from torch import nn

from benchmarks.configuration import Model, read_parameters
from benchmarks.errors import UserError
from benchmarks.training.checks.verdicts import tell
from tests.training.toy import Toy


class Broken(Toy):
    """Builds a layer that nothing reads, mixes the images of a batch, and makes a tensor on the CPU."""

    expected_parameters = 331 + 12

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.unread = nn.Linear(5, 2)

    def forward(self, images):
        mask, label, _ = super().forward(images)
        return mask + torch.zeros(1) - (0 if self.training else mask.mean()), label, {}


class Failing(Toy):
    def forward(self, images):
        raise KeyError("a slip of its own")


@pytest.fixture
def told(repository):
    parameters = read_parameters(repository / "params.yaml")

    def run(network: str, count: int | None = None, arguments: dict | None = None) -> tuple[int, str]:
        models = parameters.models | {"mine": Model(network, arguments or {}, parameters=count)}
        lines: list[str] = []
        broken = tell(dataclasses.replace(parameters, models=models), "mine", None, lines.append)
        return broken, "\n".join(lines)

    return run


def test_a_network_that_keeps_its_promises(told):
    broken, text = told("tests.training.toy:Toy")
    assert broken == 0
    assert "331 trainable parameters" in text
    assert "BROKEN" not in text
    assert text.endswith("13 kept.")


def test_each_broken_promise_is_told_and_the_others_are_tried(told):
    broken, text = told("tests.training.checks.test_verdicts:Broken")
    assert broken == 4  # a gradient that is missing counts twice: at the step, and in the fit
    assert "BROKEN  every trainable parameter gets a finite gradient" in text
    assert "unused parameters, 2 of them that no loss reaches: unread.weight, unread.bias" in text
    assert "enter 331 as the count of the others" in text  # as of Toy alone
    assert "mask logits of an image depend on the others of its batch" in text
    assert "two different devices" in text
    assert "kept    torch's random numbers are drawn on, never set" in text


def test_the_count_of_a_variant_is_printed_to_be_entered(told):
    broken, text = told("tests.training.toy:Toy", arguments={"heads": "segmentation"})
    assert broken == 1
    assert "`parameters: 313`" in text
    assert told("tests.training.toy:Toy", 313, {"heads": "segmentation"})[0] == 0


def test_what_its_own_code_raises_is_told_with_its_line(told):
    broken, text = told("tests.training.checks.test_verdicts:Failing")
    assert broken > 5
    assert "checks/test_verdicts.py line" in text
    assert "KeyError: 'a slip of its own'" in text


def test_a_wrong_argument_is_an_error(told):
    with pytest.raises(UserError, match="no option is called 'depth'"):
        told("tests.training.toy:Toy", arguments={"depth": 3})
