"""Difference of differences: against differences put in by hand and a regression with groups kept together."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from sklearn.metrics import roc_auc_score

from benchmarks.errors import UserError
from benchmarks.statistics.comparisons.contrast import contrast
from benchmarks.statistics.comparisons.pairs import compare

RULE = "inner_validation"


@pytest.fixture(scope="module")
def marks(cases):
    names = sorted(cases["case"].unique())
    return pd.Series([i % 4 == 0 for i in range(len(names))], index=names)


@pytest.fixture(scope="module")
def after(cases, marks):
    """Everything .02 higher, marked cases .05 more."""
    raised = cases["dice"] + 0.02 + 0.05 * cases["case"].map(marks)
    return cases.assign(dice=raised)


def test_what_was_put_in_is_found(cases, after, marks):
    table = contrast(cases, after, marks, "dice", RULE, resamples=200)
    assert sorted(set(table["model"])) == ["joint", "other", "outlines"]
    change = table.pivot_table(index="model", columns="subset", values="change")
    expected = {"all": 0.02 + 0.05 * marks.mean(), "marked": 0.07, "others": 0.02, "marked minus others": 0.05}
    for subset, value in expected.items():
        np.testing.assert_allclose(change[subset], value)
    counts = table.drop_duplicates("subset").set_index("subset")["cases"]
    assert counts.to_dict() == {"all": 40, "marked": 10, "others": 30, "marked minus others": 40}
    exact = table[table["subset"] != "all"]
    np.testing.assert_allclose(exact["low"], exact["change"])
    np.testing.assert_allclose(exact["high"], exact["change"])


def test_all_cases_equal_the_paired_comparison(cases, marks):
    before, after = (cases[cases["model"] == model].assign(model="m") for model in ("other", "joint"))
    row = contrast(before, after, marks, "dice", RULE, resamples=300).iloc[0]
    pair = compare(cases[cases["model"].isin(["joint", "other"])], "dice", RULE, resamples=300).iloc[0]
    assert (row["change"], row["low"], row["high"]) == pytest.approx((pair["difference"], pair["low"], pair["high"]))


def test_the_interval_is_about_that_of_a_regression_with_clustered_errors(made):
    cases = made(number=400, groups=250, seeds=1)
    before, after = (cases[cases["model"] == model].assign(model="m") for model in ("joint", "other"))
    marks = before.set_index("case")["label"] == 1
    row = contrast(before, after, marks, "dice", RULE, resamples=2000).iloc[-1]
    change = after["dice"].to_numpy() - before["dice"].to_numpy()
    frame = pd.DataFrame({"change": change, "mark": before["label"].to_numpy(), "group": before["group"].to_numpy()})
    fit = smf.ols("change ~ mark", frame).fit(cov_type="cluster", cov_kwds={"groups": frame["group"]})
    assert row["change"] == pytest.approx(fit.params["mark"])
    assert (row["low"], row["high"]) == pytest.approx(tuple(fit.conf_int().loc["mark"]), abs=0.15 * 4 * fit.bse["mark"])


def test_auc_is_that_of_the_subset(cases, marks):
    before, after = (cases[cases["model"] == model].assign(model="m") for model in ("joint", "other"))
    table = contrast(before, after, marks, "auc", RULE, resamples=100).set_index("subset")
    chosen = after[after["case"].map(marks)]
    areas = [roc_auc_score(own["label"], own["probability"]) for _, own in chosen.groupby("seed")]
    assert table.loc["marked", "after"] == pytest.approx(np.mean(areas))
    between = table.loc["marked", "change"] - table.loc["others", "change"]
    assert table.loc["marked minus others", "change"] == pytest.approx(between)


def test_poor_tables(cases, after, marks):
    assert set(contrast(cases, after, marks & False, "dice", RULE, resamples=20)["subset"]) == {"all", "others"}
    assert contrast(cases[cases["model"] == "classes"], after, marks, "dice", RULE).empty
    malignant = cases.groupby("case")["label"].first() == 1
    one_class = contrast(cases, after, malignant, "auc", RULE, resamples=20)
    assert one_class.set_index("subset").loc[["marked", "marked minus others"], "change"].isna().all()
    with pytest.raises(UserError, match=r"1 scored cases bear no mark, among them case00"):
        contrast(cases, after, marks.iloc[1:], "dice", RULE, resamples=20)
    with pytest.raises(UserError, match="lacks case00"):
        contrast(cases, after[after["case"] != "case00"], marks, "dice", RULE, resamples=20)
