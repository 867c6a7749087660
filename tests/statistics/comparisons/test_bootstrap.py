"""Differences by the cluster bootstrap against scikit-learn, and against DeLong's formula where there is one."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from benchmarks.statistics.comparisons.bootstrap import compare_by_bootstrap
from benchmarks.statistics.comparisons.delong import compare_auc

RULE = "inner_validation"


@pytest.fixture(scope="module")
def table(cases):
    return compare_by_bootstrap(cases, "average_precision", RULE, resamples=500)


def test_the_difference_is_scikit_learns_mean_over_seeds(table, cases):
    precision = {
        model: np.mean([average_precision_score(r["label"], r["probability"]) for _, r in rows.groupby("seed")])
        for model, rows in cases.dropna(subset="probability").groupby("model")
    }
    assert list(zip(table["model_a"], table["model_b"], strict=True)) == [
        ("classes", "joint"),
        ("classes", "other"),
        ("joint", "other"),
    ]
    for row in table.itertuples():
        assert row.difference == pytest.approx(precision[row.model_a] - precision[row.model_b], abs=1e-12)
        assert row.low < row.difference < row.high
        assert row.p_value <= row.p_holm <= 1
    assert set(table["cases"]) == {40}
    assert set(table["groups"]) == {25}


def test_nearly_delongs_test_of_the_auc(made):
    """Both estimate the same standard deviation: they differ by what 2,000 resamples and 150 groups leave."""
    cases = made(number=300, groups=150)
    ours = compare_by_bootstrap(cases, "auc", RULE, reference="other").set_index("model_a")
    theirs = compare_auc(cases, RULE, reference="other").set_index("model_a")
    assert list(ours.index) == list(theirs.index) == ["classes", "joint"]
    for model in ours.index:
        assert ours.loc[model, "difference"] == pytest.approx(theirs.loc[model, "difference"], abs=1e-12)
        assert ours.loc[model, "z"] == pytest.approx(theirs.loc[model, "z"], rel=0.1)
        width = theirs.loc[model, "high"] - theirs.loc[model, "low"]
        for end in ("low", "high"):
            assert ours.loc[model, end] == pytest.approx(theirs.loc[model, end], abs=0.1 * width)
        for region in ("p_equivalent", "p_better", "p_worse"):
            assert ours.loc[model, region] == pytest.approx(theirs.loc[model, region], abs=0.03)


def test_the_same_order_of_all_cases_does_not_differ(cases):
    alike = cases[cases["model"].isin(["joint", "other"])].copy()
    joint = alike.loc[alike["model"] == "joint", "probability"].to_numpy()
    alike.loc[alike["model"] == "other", "probability"] = joint / 2
    row = compare_by_bootstrap(alike, "average_precision", RULE, resamples=50).iloc[0]
    assert (row["difference"], row["low"], row["high"], row["p_value"], row["p_equivalent"]) == (0, 0, 0, 1, 1)


def test_without_a_malignant_case_there_is_nothing_to_test(cases):
    table = compare_by_bootstrap(cases[cases["label"] == 0], "average_precision", RULE, resamples=50)
    assert len(table) == 3
    assert table[["difference", "low", "high", "z", "p_value", "p_holm"]].isna().all(axis=None)
