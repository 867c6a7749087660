"""The section on cost from a given table; measuring reaches every rule."""

import pandas as pd
import pytest
from torch import nn

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError
from benchmarks.measuring import balancing as balancing_cost


class TinyTwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder, self.classifier = nn.Conv2d(3, 2, 3, padding=1), nn.Conv2d(2, 1, 1), nn.Linear(2, 2)

    def forward(self, images):
        features = self.encoder(images)
        return self.decoder(features), self.classifier(features.mean((2, 3))), {}


@pytest.fixture
def measured():
    return pd.DataFrame(
        {
            "rule": ["fixed", "famo"],
            "seconds": [0.2, 0.3],
            "times_fixed": [1.0, 1.5],
            "steps": [8, 8],
            "machine": ["a machine", "a machine"],
        }
    )


@pytest.mark.parametrize("name", balancing_cost.rule_names())
def test_every_rule_is_measured(name):
    recipe = read_parameters("params.yaml").recipes["paper"]
    assert len(balancing_cost.step_seconds(TinyTwoHeads(), name, recipe, steps=1)) == 1


def test_fixed_weights_come_first():
    assert balancing_cost.rule_names()[0] == "fixed"


def test_the_section_replaces_the_one_before(measured):
    page = "# Loss balancing\n\nText.\n\n## Cost per step\nold\n"
    found = balancing_cost.with_section(page, measured)
    assert found.startswith("# Loss balancing\n\nText.\n\n## Cost per step\n")
    assert "| `famo` | 0.300 | 1.50 |" in found
    assert "old" not in found
    assert balancing_cost.with_section(found, measured) == found


def test_a_page_without_the_section_is_refused(measured):
    with pytest.raises(UserError, match="Cost per step"):
        balancing_cost.with_section("# Loss balancing\n", measured)
