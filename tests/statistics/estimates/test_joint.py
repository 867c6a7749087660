"""Joint success, counted by pandas."""

import pandas as pd
import pytest

from benchmarks.statistics.estimates.joint import joint_success

RULE = "inner_validation"


def test_equals_the_cross_table(cases):
    table = joint_success(cases, RULE, resamples=100)
    assert set(table["model"]) == {"joint", "other"}
    rows = cases.query("model == 'joint'")
    right = (rows["probability"] > 0.5) == (rows["label"] == 1)
    counts = pd.crosstab(rows["dice"] >= 0.7, right, normalize=True)
    found = table.query("model == 'joint'").set_index("outcome")["share"]
    assert found["both"] == pytest.approx(counts.loc[True, True])
    assert found["segmentation only"] == pytest.approx(counts.loc[True, False])
    assert found["classification only"] == pytest.approx(counts.loc[False, True])
    assert found["neither"] == pytest.approx(counts.loc[False, False])


def test_never_and_always(cases):
    never = joint_success(cases.assign(dice=0.0), RULE, resamples=50).set_index(["model", "outcome"]).loc["joint"]
    assert tuple(never.loc["both", ["share", "low", "method"]]) == (0, 0, "Wilson over groups")
    assert 0 < never.loc["both", "high"] < 0.2


def test_models_with_one_head_have_no_row(cases):
    assert joint_success(cases[cases["model"].isin(["outlines", "classes"])], RULE).empty
