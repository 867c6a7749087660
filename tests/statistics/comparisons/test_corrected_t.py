"""The corrected resampled t-test against baycomp's, whose posterior tail is its one-sided p-value."""

import numpy as np
import pandas as pd
import pytest
from baycomp import CorrelatedTTest

from benchmarks.errors import UserError
from benchmarks.statistics.comparisons.corrected_t import compare_runs

RULE = "inner_validation"


def means_of_runs(cases, model):
    return cases[cases["model"] == model].groupby(["seed", "fold"])["dice"].mean().to_numpy()


def test_equals_baycomp(cases):
    table = compare_runs(cases, "dice", RULE)
    assert len(table) == 3
    for row in table.itertuples():
        a, b = means_of_runs(cases, row.model_a), means_of_runs(cases, row.model_b)
        assert row.difference == pytest.approx((a - b).mean())
        tail = min(CorrelatedTTest.probs(b, a, rope=0, runs=2))
        assert row.p_value == pytest.approx(2 * tail)
        assert (row.folds, row.seeds) == (3, 2)


def test_interval_and_p_agree(cases):
    for row in compare_runs(cases, "dice", RULE).itertuples():
        assert (row.p_value < 0.05) == (row.low > 0 or row.high < 0)


def test_only_seeds_that_both_have(cases):
    table = compare_runs(cases[~((cases["model"] == "joint") & (cases["seed"] == 1))], "dice", RULE)
    assert table["seeds"].tolist() == [1, 1, 2]


def test_undefined_where_nothing_varies(cases):
    one = cases[cases["model"] == "joint"]
    same = pd.concat([one, one.assign(model="copy")])
    assert compare_runs(same, "dice", RULE)["p_value"].item() == 1
    shifted = pd.concat([one.assign(dice=0.5), one.assign(model="copy", dice=0.6)])
    assert compare_runs(shifted, "dice", RULE)[["t", "p_value", "p_holm"]].isna().all(axis=None)
    assert np.isnan(compare_runs(cases.assign(fold=0), "dice", RULE)["p_value"]).all()


def test_refuses_different_folds(cases):
    moved = cases.assign(fold=np.where(cases["model"] == "other", 2 - cases["fold"], cases["fold"]))
    with pytest.raises(UserError, match="tested in different folds by different runs"):
        compare_runs(moved, "dice", RULE)
    with pytest.raises(UserError, match="lack the column fold"):
        compare_runs(cases.drop(columns="fold"), "dice", RULE)
