"""What the page says of other datasets: its numbers are those of the tables."""

import pandas as pd
import pytest

from benchmarks.configuration import read_parameters
from benchmarks.reporting.labels import MINUS
from benchmarks.reporting.names import PLAIN
from benchmarks.reporting.page.external import (
    calibration_text,
    change_text,
    external_part,
    missing_text,
    overlap_text,
    threshold_text,
)
from benchmarks.reporting.page.render import render_page
from benchmarks.reporting.tables.transfer import LABELS


@pytest.fixture(scope="module")
def part(external_once) -> dict:
    return external_part("made-up", read_parameters(external_once / "params.yaml"), external_once, str, PLAIN)


@pytest.fixture(scope="module")
def transfer(external_once) -> pd.DataFrame:
    return pd.read_csv(external_once / "reports/external/tables/made-up/transfer.csv")


def test_the_first_sentence_has_budget_range_and_changes(part, transfer):
    dice = transfer[transfer["metric"] == "dice"].set_index("model")
    first = part["sentences"][0]
    assert first.startswith("After 4 epochs at 32 pixels on Phantom, Dice on BrEaST, 30 cases, lies between")
    worst, best = dice["external"].idxmin(), dice["external"].idxmax()
    assert f"{dice.loc[worst, 'external']:.3f} ({worst}) and {dice.loc[best, 'external']:.3f} ({best})" in first
    assert f"for {(dice['change_high'] < 0).sum()} of 3 networks" in first
    most = dice["change"].idxmin()
    assert f"{dice.loc[most, 'change']:.3f} [".replace("-", MINUS) in first


def made(**columns) -> pd.DataFrame:
    base = {"dataset": "breast", "model": ["a", "b"], "metric": "dice", "networks": 5, "cases": 9}
    return pd.DataFrame(base | columns)


def test_changes_are_counted_by_their_intervals():
    table = made(external=[0.5, 0.6], change=[-0.2, 0.1], change_low=[-0.3, 0.05], change_high=[-0.1, 0.2])
    assert change_text(table, LABELS["dice"]) == (
        "lies between 0.500 (a) and 0.600 (b); it is lower than on the own test folds for 1 of 2 networks, higher for "
        "1 (95% interval of the change beyond 0); the change runs from 0.100 [0.050, 0.200] (b) to "
        f"{MINUS}0.200 [{MINUS}0.300, {MINUS}0.100] (a)."
    )
    unknown = table.assign(change=float("nan"), change_low=float("nan"), change_high=float("nan"))
    assert change_text(unknown, LABELS["dice"]) == "lies between 0.500 (a) and 0.600 (b)."


def test_thresholds_and_calibration():
    parts = [
        made(metric=metric, internal=[0.9, 0.91], external=[low, low + 0.1])
        for metric, low in (
            ("sensitivity_at_threshold", 0.3),
            ("specificity_at_threshold", 0.7),
            ("probability_excess", -0.1),
            ("brier", 0.2),
        )
    ]
    table = pd.concat(parts)
    (text,) = threshold_text(table, "breast")
    assert (
        "specificity on breast is 0.700 to 0.800 and sensitivity 0.300 to 0.400 (own test folds: 0.900 to 0.910)"
        in text
    )
    (text,) = calibration_text(table, "breast")
    assert f"is {MINUS}0.100 to 0.000 (own test folds: 0.900 to 0.910), the Brier score 0.200 to 0.300" in text
    assert threshold_text(parts[0], "breast") == calibration_text(parts[0], "breast") == []


def test_networks_that_are_missing_are_said():
    assert missing_text(made(), 5) == []
    assert missing_text(made(networks=[5, 3]), 5) == [
        "Of 5 networks of each model, fewer have been tested: b on breast 3."
    ]


def test_shared_pictures_are_those_of_these_datasets(part):
    assert "Phantom and BrEaST share 1 picture, as far as the search below tells." in part["sentences"]
    assert not any("BUSI and BrEaST" in sentence for sentence in part["sentences"])
    assert part["sentences"][-1] == (
        "That search finds 224 of the 270 pairs of BUSI that are known to show one lesion."
    )
    assert overlap_text(pd.DataFrame()) == []


def test_the_section_stands_on_the_page_of_that_benchmark_alone(external_once):
    page = render_page(["made-up", "made-up-released"], external_once, external_once / "reports")
    assert page.count("What is left of it on other datasets?") == 1
    assert page.count('<details id="made-up-external"') == 1
    assert 'href="external/tables/made-up/transfer.csv"' in page
    assert "made-up-matrix" in page


def test_without_a_matrix_or_a_search_the_section_still_stands(external):
    (external / "reports" / "external" / "figures" / "matrix.svg").unlink()
    (external / "reports" / "external" / "overlap.csv").unlink()
    page = render_page(["made-up"], external, external / "reports")
    assert "What is left of it on other datasets?" in page
    assert "share pictures" not in page
