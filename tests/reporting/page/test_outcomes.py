"""What folded statistics say in a line, on tables made by hand."""

import pandas as pd
import pytest

from benchmarks.reporting.page.outcomes import OUTCOMES, outcome, percent
from benchmarks.reporting.tables.statistics import EVIDENCE

NONE = float("nan")
CASES = {
    "rank_stability": (
        {"model": ["a", "b"], "metric": ["dice", "dice"], "share_first": [0.25, 0.75]},
        "Dice: b first in 75%",
    ),
    "critical_difference": (
        {"model": ["a", "b", "c"], "metric": ["dice"] * 3, "mean_rank": [1.5, 1.6, 2.9], "bars": ["1", "1;2", "2"]},
        "Dice: a first, 1 within the critical difference",
    ),
    "rank_shares": (
        {"model": ["a", "b", "a"], "metric": ["dice"] * 3, "rank": [1, 1, 2], "share": [0.4, 0.6, 0.9]},
        "Dice: b first in 60%",
    ),
    "pairs_average_precision": ({"p_holm": [0.01, 0.9]}, "1 of 2 pairs differ"),
    "outperforming": (
        {"model_a": ["a", "a"], "model_b": ["b", "c"], "metric": ["dice"] * 2, "probability": [0.6, 0.2]},
        "Dice: 80% at most (c over a)",
    ),
    "textbook_intervals": (
        {"metric": ["auc"] * 2, "low": [0.5, 0.6], "high": [0.7, 0.9]},
        "AUC: 0.250 wide on the mean",
    ),
    "friedman": ({"metric": ["dice"], "p_value": [0.2]}, "Dice: not shown, p 0.200"),
    "pairs": ({"metric": ["dice"] * 3, "p_holm": [0.01, 0.049, 0.05]}, "Dice: 2 of 3 pairs differ"),
    "pairs_auc": ({"p_holm": [0.5, NONE]}, "AUC: 0 of 1 pairs differ"),
    "corrected_t": (
        {"metric": ["dice", "accuracy"], "p_holm": [0.01, NONE]},
        "Dice: 1 of 1 differences hold; Accuracy: not tested",
    ),
    "cochran": ({"p_value": [0.0001]}, "no, p < 0.001"),
    "precision": (
        {"metric": ["dice"] * 2, "minimum_detectable": [0.02, 0.03]},
        "Dice: differences from 0.020 to 0.030",
    ),
    "false_claims": (
        {
            "model_a": ["a", "a"],
            "model_b": ["b", "c"],
            "metric": ["dice"] * 2,
            "probability_false_groups": [0.003, 0.0001],
        },
        "Dice: 0.3% that it is false (a against b)",
    ),
    "joint_success": (
        {"model": ["a", "a", "b"], "outcome": ["both", "neither", "both"], "share": [0.4, 0.6, 0.5]},
        "50% at best (b)",
    ),
    "strata": (
        {
            "by": ["size"] * 4,
            "stratum": ["small", "large"] * 2,
            "metric": ["dice"] * 4,
            "estimate": [0.2, 0.6, 0.4, 0.8],
        },
        "Dice, mean of all: small 0.300, large 0.700",
    ),
    "mixed_model": ({"metric": ["dice"], "intraclass_correlation": [0.5]}, "Dice: 50% of the variance is the case's"),
    "case_difficulty": ({"metric": ["dice"] * 2, "highest": [0.05, 0.9]}, "Dice: 1 of 2 below 0.1 with every network"),
    "variance": (
        {"metric": ["dice"] * 3, "component": ["split", "seed", "case"], "share": [0.1, NONE, 0.9]},
        "Dice: case 90% on the mean",
    ),
    "profiles": (
        {"model": ["a", "b"], "threshold": [0.7, 0.7], "share": [0.1, 0.2]},
        "0.7 in 20% of cases at best (b)",
    ),
    "reliability": (
        {"model": ["a", "a", "b"], "share_malignant": [0.2, 0.9, 0.5], "mean_probability": [0.1, 0.9, 0.3]},
        "no bin further off than 0.100 at best (a)",
    ),
    "operating_points": (
        {"model": ["a", "b", "a"], "specificity": [0.9, 0.9, 0.95], "sensitivity": [0.5, 0.6, 0.4]},
        "60% at 90% at best (b)",
    ),
    "decision_curve": (
        {"model": ["a", "b"], "low": [0.1, -0.1], "treat_all": [-0.2, -0.2]},
        "above treating all and none somewhere: a",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_outcomes(name):
    table, expected = CASES[name]
    assert outcome(name, pd.DataFrame(table)) == expected


def test_every_statistic_that_is_stored_has_an_outcome():
    assert set(OUTCOMES) == set(EVIDENCE)


def test_a_table_without_rows_says_nothing():
    assert outcome("pairs", pd.DataFrame(columns=["metric", "p_holm"])) == ""


def test_small_shares_are_not_rounded_to_nought():
    assert [percent(share) for share in (0, 1e-9, 0.001, 0.12345, 1)] == ["0%", "under 0.1%", "0.1%", "12.3%", "100%"]
