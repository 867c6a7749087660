"""Strata are the table of means for the cases inside."""

import numpy as np
import pytest

from benchmarks.errors import UserError
from benchmarks.statistics.estimates.intervals import summarise
from benchmarks.statistics.estimates.strata import stratify

RULE = "inner_validation"


def test_strata_and_their_cases(cases, truth):
    table = stratify(cases, truth, "dice", RULE, resamples=50)
    counts = table.query("model == 'joint'").set_index(["by", "stratum"])["cases"]
    bounds = np.quantile(truth["area"], [1 / 3, 2 / 3])
    sizes = {
        f"small (up to {bounds[0]:.3g})": int((truth["area"] <= bounds[0]).sum()),
        f"medium (up to {bounds[1]:.3g})": int(truth["area"].between(*bounds, inclusive="right").sum()),
        f"large (over {bounds[1]:.3g})": int((truth["area"] > bounds[1]).sum()),
    }
    assert dict(counts["size"]) == sizes
    assert dict(counts["class"]) == {"benign": 26, "malignant": 14}
    assert dict(counts["flag"]) == {"axilla": 20, "needle": 10, "none": 20}


@pytest.mark.parametrize("metric", ["dice", "sensitivity", "auc"])
def test_equals_the_summary_of_these_cases(cases, truth, metric):
    table = stratify(cases, truth, metric, RULE, resamples=80).query("stratum == 'needle'")
    inside = truth.loc[truth["flags"].str.contains("needle"), "case"]
    expected = summarise(cases[cases["case"].isin(inside)], RULE, resamples=80).query("metric == @metric")
    columns = ["estimate", "low", "high"]
    np.testing.assert_array_equal(table[columns].to_numpy(float), expected[columns].to_numpy(float))
    assert list(table["method"]) == list(expected["method"])


def test_equal_sizes_make_one_stratum(cases, truth):
    table = stratify(cases, truth.assign(area=0.1, flags=None), "dice", RULE, resamples=20)
    assert set(table.query("by == 'size'")["stratum"]) == {"small (up to 0.1)"}
    assert set(table.query("by == 'flag'")["stratum"]) == {"none"}


def test_refuses_incomplete_truth(cases, truth):
    with pytest.raises(UserError, match=r"lacks the column\(s\) area"):
        stratify(cases, truth.drop(columns="area"), "dice", RULE)
    with pytest.raises(UserError, match="lacks 1 scored cases, among them case05"):
        stratify(cases, truth[truth["case"] != "case05"], "dice", RULE)
    with pytest.raises(UserError, match="no area for case case00"):
        stratify(cases, truth.assign(area=truth["area"].where(truth.index > 0)), "dice", RULE)


def test_no_model_with_the_metric(cases, truth):
    assert stratify(cases[cases["model"] == "classes"], truth, "dice", RULE).empty
