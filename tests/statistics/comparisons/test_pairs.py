"""The table of pairs: each column against its oracle, and signs that turn when models swap."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from benchmarks.errors import UserError
from benchmarks.statistics.comparisons.multiplicity import holm
from benchmarks.statistics.comparisons.pairs import COLUMNS, compare

RULE = "inner_validation"


def means_of(cases, model, metric):
    return cases[cases["model"] == model].groupby("case")[metric].mean()


def test_columns_of_one_pair(cases):
    table = compare(cases, "dice", RULE, reference="other", resamples=2000)
    assert list(table.columns) == COLUMNS
    assert list(table["model_a"]) == ["joint", "outlines"]
    row = table.iloc[0]
    a, b = means_of(cases, "joint", "dice"), means_of(cases, "other", "dice")
    assert row["difference"] == pytest.approx((a - b).mean())
    assert row["low"] < row["difference"] < row["high"]
    assert row["cliffs_delta"] == pytest.approx(2 * stats.mannwhitneyu(a, b).statistic / 1600 - 1)
    assert row["p_equivalent"] + row["p_better"] + row["p_worse"] == pytest.approx(1)
    assert (row["cases"], row["groups"]) == (40, 25)


def test_groups_and_not_cases_are_flipped(cases):
    few = cases[cases["group"] < "g09"]
    row = compare(few, "dice", RULE, reference="other", resamples=1000).query("model_a == 'joint'").iloc[0]
    groups = few.drop_duplicates("case").set_index("case")["group"]
    sums = (means_of(few, "joint", "dice") - means_of(few, "other", "dice")).groupby(groups).sum()
    assert len(sums) == 9 < len(groups)
    expected = stats.permutation_test(
        (sums.to_numpy(),), np.sum, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    ).pvalue
    assert row["p_value"] == pytest.approx(expected)


def test_all_pairs_hold_the_pairs_with_a_reference(cases):
    every = compare(cases, "dice", RULE, resamples=500)
    assert list(zip(every["model_a"], every["model_b"], strict=True)) == [
        ("joint", "other"), ("joint", "outlines"), ("other", "outlines"),
    ]  # fmt: skip
    one = compare(cases, "dice", RULE, reference="outlines", resamples=500)
    alike = ["difference", "low", "high", "p_value", "hodges_lehmann", "cliffs_delta", "p_equivalent", "p_better"]
    np.testing.assert_allclose(one[alike].to_numpy(float), every.iloc[1:][alike].to_numpy(float), rtol=1e-9)


def test_each_model_with_its_own_reference_is_one_family(cases):
    table = compare(cases, "dice", RULE, reference={"joint": "other", "other": "outlines"}, resamples=500)
    every = compare(cases, "dice", RULE, resamples=500).set_index(["model_a", "model_b"])
    chosen = every.loc[[("joint", "other"), ("other", "outlines")]]
    assert list(zip(table["model_a"], table["model_b"], strict=True)) == list(chosen.index)
    np.testing.assert_allclose(table["difference"], chosen["difference"])
    np.testing.assert_allclose(table["p_value"], chosen["p_value"])
    np.testing.assert_allclose(table["p_holm"], multipletests(chosen["p_value"], method="holm")[1])


def test_a_reference_of_its_own_that_has_no_scores_is_named(cases):
    with pytest.raises(UserError, match=r"'unheard'.*There is .*outlines"):
        compare(cases, "dice", RULE, reference={"joint": "unheard"})


def test_swapping_two_models_turns_the_signs(cases):
    names = {"joint": "zeta", "other": "alpha"}
    one = compare(cases[cases["model"].isin(names)], "hd95", RULE, resamples=500).iloc[0]
    swapped = cases[cases["model"].isin(names)].replace({"model": names})
    two = compare(swapped, "hd95", RULE, resamples=500).iloc[0]
    assert (two["model_a"], two["model_b"]) == ("alpha", "zeta")
    for column in ("difference", "hodges_lehmann", "cliffs_delta"):
        assert two[column] == pytest.approx(-one[column])
    assert (two["low"], two["high"]) == pytest.approx((-one["high"], -one["low"]), abs=1e-9)
    assert (two["p_better"], two["p_worse"]) == (one["p_worse"], one["p_better"])
    assert (two["p_value"], two["p_max_t"]) == (one["p_value"], one["p_max_t"])


def test_better_means_lower_for_distances(cases):
    worse = cases.copy()
    worse.loc[worse["model"] == "other", "hd95"] += 30
    row = compare(worse, "hd95", RULE, resamples=300).iloc[0]
    assert row["difference"] < 0
    assert row["p_better"] == 1


def test_the_same_model_twice(cases):
    one = cases[cases["model"] == "joint"]
    twice = one.assign(model="copy")
    row = compare(pd.concat([one, twice]), "dice", RULE, resamples=300).iloc[0]
    assert tuple(row[["difference", "low", "high", "p_value", "p_holm", "p_max_t"]]) == (0, 0, 0, 1, 1, 1)
    assert (row["p_equivalent"], row["cliffs_delta"], row["hodges_lehmann"]) == (1, 0, 0)


def test_models_without_the_head(cases):
    assert compare(cases, "dice", RULE, reference="classes", resamples=50).empty
    assert compare(cases[cases["model"] == "joint"], "dice", RULE, resamples=50).empty
    assert set(compare(cases, "accuracy", RULE, reference="classes", resamples=50)["model_a"]) == {"joint", "other"}
    with pytest.raises(UserError, match="Cannot compare to 'resnet'"):
        compare(cases, "dice", RULE, reference="resnet")


def test_one_case(cases):
    row = compare(cases[cases["case"] == "case01"], "dice", RULE, resamples=50).iloc[0]
    assert row["p_value"] == 1
    assert np.isnan(row["low"])


def test_holm_by_hand():
    """The smallest of three p-values times 3, the next times 2, the last as it is, never falling."""
    np.testing.assert_allclose(holm(pd.Series([0.01, 0.04, 0.03])), [0.03, 0.06, 0.06])
    np.testing.assert_allclose(holm(pd.Series([np.nan, 0.04, 0.03])), [np.nan, 0.06, 0.06])
