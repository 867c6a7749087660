"""The sentences that a benchmark begins with, on tables made by hand."""

import pandas as pd
import pytest

from benchmarks.configuration import read_parameters
from benchmarks.reporting.names import PLAIN
from benchmarks.reporting.page.findings import asks_the_same, chance_text, findings_part, lead_text, not_run_text
from benchmarks.reporting.results import read_results

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
            "[0.090, 0.120], p 0.200). Not told apart from b: c.",
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
    assert lead_text("dice", MAIN, pd.DataFrame([second, third])) == text


def test_a_lead_that_was_not_tested_is_undecided():
    none = pd.DataFrame(columns=["model_a", "model_b"])
    assert lead_text("dice", MAIN, none).startswith(
        "Dice: b leads with 0.800 [0.700, 0.900], c follows with 0.700; the lead is undecided."
    )


def test_an_auc_whose_interval_reaches_one_half_is_not_above_chance():
    main = pd.DataFrame({"model": ["a", "b", "c"], "auc_low": [0.49, 0.51, float("nan")]})
    assert chance_text(main) == ["Not above chance: the interval of AUC reaches 0.5 for a."]
    assert chance_text(main.tail(2)) == []
    assert chance_text(main[["model"]]) == []


def test_the_budget_and_what_was_not_run_are_said(finished_once):
    """The made-up repository: 32 pixels, four epochs, three folds, two seeds, and nothing larger."""
    parameters = read_parameters(finished_once / "params.yaml")
    results = read_results("made-up", finished_once, "acsnet")
    generated, *leads, budget, not_run = findings_part("made-up", results, parameters, finished_once, PLAIN)
    assert generated.startswith("The images are generated")
    leads = [lead for lead in leads if not lead.startswith("Not above chance")]
    assert [lead.split(":")[0] for lead in leads] == ["Dice", "AUC"]
    assert "with 32 pixels, epochs 4, 3 folds, 2 seeds, random weights, float32: it ranks" in budget
    assert "for networks trained once" not in budget
    assert not_run == "Nothing larger is declared."


def test_folds_that_are_left_and_larger_benchmarks_are_named(finished_once, tmp_path):
    text = (finished_once / "params.yaml").read_text(encoding="utf-8")
    text = (
        text.replace("folds: 3", "folds: 5")
        .replace("made-up:", "made-up-small:")
        .replace("made-up-released", "made-up")
    )
    text = text.replace("made-up: phantom", "made-up-small: phantom").replace(
        "test_oracle, score: released", "inner_validation"
    )
    text = text.replace("scoring: released", "image_size: 64")
    (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
    parameters = read_parameters(tmp_path / "params.yaml")
    (tmp_path / "reports").symlink_to(finished_once / "reports")
    results = read_results("made-up", finished_once, "acsnet")
    expected = "Not run: folds 3 and 4 and made-up (64 px, 4 epochs, 2 seeds)."
    assert not_run_text("made-up-small", results, parameters, tmp_path / "nothing") == expected


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("busi-small", "busi", True),
        ("busi-small", "busi-medium", True),
        ("busi-ablation-small", "busi-ablation", True),
        ("busi-ablation", "busi", False),
        ("busi-small-ungrouped", "busi-small", False),
    ],
)
def test_what_asks_the_same(first, second, same):
    assert asks_the_same(first, second) is same
