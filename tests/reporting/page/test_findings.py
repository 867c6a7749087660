"""The sentences that a benchmark begins with, on tables made by hand."""

import pandas as pd
import pytest

from benchmarks.configuration import read_parameters
from benchmarks.reporting.labels import MINUS
from benchmarks.reporting.names import PLAIN
from benchmarks.reporting.page.findings import (
    asks_the_same,
    chance_text,
    elsewhere_text,
    findings_part,
    not_run_text,
)
from benchmarks.reporting.results import read_results


def test_an_auc_whose_interval_reaches_one_half_is_not_above_chance():
    main = pd.DataFrame({"model": ["a", "b", "c"], "auc_low": [0.49, 0.51, float("nan")]})
    assert chance_text(main) == ["Not above chance: the interval of AUC reaches 0.5 for a."]
    assert chance_text(main.tail(2)) == []
    assert chance_text(main[["model"]]) == []


def test_what_other_datasets_leave_of_each_leader_is_said():
    main = pd.DataFrame({"model": ["a", "b", "c"], "dice": [0.7, 0.6, float("nan")], "auc": [0.8, 0.9, 0.7]})
    rows = [
        ("breast", "a", "dice", 0.5, -0.2, -0.3, -0.1),
        ("breast", "b", "dice", 0.55, -0.05, -0.1, 0.0),
        ("breast", "a", "auc", 0.7, -0.1, -0.2, 0.0),
        ("breast", "b", "auc", 0.65, -0.25, -0.3, -0.2),
        ("busbra", "b", "auc", 0.6, *[float("nan")] * 3),
    ]
    columns = ["dataset", "model", "metric", "external", "change", "change_low", "change_high"]
    table = pd.DataFrame(rows, columns=columns)
    assert elsewhere_text(main, table, {}) == [
        f"Tested on BrEaST: a, Dice 0.500 (change {MINUS}0.200 [{MINUS}0.300, {MINUS}0.100]); "
        f"b, AUC 0.650 (change {MINUS}0.250 [{MINUS}0.300, {MINUS}0.200]).",
        "Tested on BUS-BRA: b, AUC 0.600.",
    ]
    one = elsewhere_text(main.assign(auc=[0.9, 0.8, 0.7]), table.head(3), {})
    assert one == [
        f"Tested on BrEaST: a, Dice 0.500 (change {MINUS}0.200 [{MINUS}0.300, {MINUS}0.100]) and "
        f"AUC 0.700 (change {MINUS}0.100 [{MINUS}0.200, 0.000])."
    ]
    there = {"breast": pd.DataFrame({name: [0.6] for name in ("dice", "dice_low", "dice_high")}, index=["a"])}
    (compared,) = elsewhere_text(main.assign(auc=[0.9, 0.8, 0.7]), table.head(3), there)
    assert f"Dice 0.500 (change {MINUS}0.200 [{MINUS}0.300, {MINUS}0.100]; trained there: 0.600) and " in compared
    assert compared.endswith("0.000]).")  # AUC: not known of a network that was trained there
    assert elsewhere_text(main[["model", "dice"]].iloc[2:], pd.DataFrame(columns=columns), {}) == []


def test_what_the_verdicts_are_of_and_what_was_not_run_are_said(finished_once):
    """The made-up repository has three folds, two seeds, and nothing larger."""
    parameters = read_parameters(finished_once / "params.yaml")
    results = read_results("made-up", finished_once)
    *chance, doubt, not_run = findings_part("made-up", results, parameters, finished_once, PLAIN)
    assert all(sentence.startswith("Not above chance") for sentence in chance)
    assert doubt.startswith("The verdicts are over cases")
    assert "for networks trained once" not in doubt
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
    results = read_results("made-up", finished_once)
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
