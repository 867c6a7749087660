"""Who leads, on tables made by hand."""

import pandas as pd
import pytest

from benchmarks.configuration import read_parameters
from benchmarks.reporting.names import Names
from benchmarks.reporting.page.leads import lead_of, lead_text, leads_part

MAIN = pd.DataFrame(
    {
        "model": ["a", "b", "c"],
        "dice": [0.5, 0.8, 0.7],
        "dice_low": [0.4, 0.7, 0.6],
        "dice_high": [0.6, 0.9, 0.8],
    }
)


def pair(first: str, second: str, difference: float, p: float, equivalent: float = 0) -> dict:
    spread = {"low": difference - 0.01, "high": difference + 0.02}
    numbers = {"difference": difference, "p_holm": p, "p_equivalent": equivalent}
    return {"model_a": first, "model_b": second} | spread | numbers


@pytest.mark.parametrize(
    ("second", "third", "text"),
    [
        (
            pair("c", "b", -0.1, 0.0001),
            pair("a", "b", -0.3, 0.01),
            "Dice: b leads with 0.800 [0.700, 0.900], c follows with 0.700; the lead holds (difference 0.100 [0.080, "
            "0.110], p < 0.001). It is better than each of the 2 others.",
        ),
        (
            pair("b", "c", 0.1, 0.2),
            pair("a", "b", -0.3, 0.01),
            "Dice: b leads with 0.800 [0.700, 0.900], c follows with 0.700; the lead is undecided (difference 0.100 "
            "[0.090, 0.120], p 0.200). The leader is better than a.",
        ),
        (
            pair("b", "c", 0.1, 0.2, equivalent=0.96),
            pair("b", "a", 0.3, 0.06),
            "Dice: b leads with 0.800 [0.700, 0.900], c follows with 0.700; the two are equivalent (difference 0.100 "
            "[0.090, 0.120], p 0.200). None of the others is told apart from it.",
        ),
    ],
)
def test_the_lead(second, third, text):
    assert lead_text(lead_of("dice", MAIN, pd.DataFrame([second, third]))) == text


def test_a_lead_that_was_not_tested_is_undecided():
    none = pd.DataFrame(columns=["model_a", "model_b"])
    assert lead_text(lead_of("dice", MAIN, none)).startswith(
        "Dice: b leads with 0.800 [0.700, 0.900], c follows with 0.700; the lead is undecided."
    )


def test_the_leads_of_a_benchmark_have_labels_and_the_numbers_on_file(finished_once):
    main = pd.read_csv(finished_once / "reports/tables/made-up/main.csv").set_index("model")
    parameters = read_parameters(finished_once / "params.yaml")
    names = Names({"acsnet": "The reference", "unet": "Another"})
    outlines, class_task = leads_part("made-up", parameters, finished_once, names)
    assert (outlines.leader, outlines.second, outlines.task) == ("The reference", "Another", "Outlines")
    assert outlines.number.startswith(f"{main.loc['acsnet', 'dice']:.3f} [")
    assert class_task.task == "Benign or malignant"
