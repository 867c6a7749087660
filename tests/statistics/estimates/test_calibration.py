"""Points of the reliability curve, against scikit-learn."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from benchmarks.statistics.estimates.calibration import reliability
from benchmarks.statistics.estimates.intervals import summarise

RULE = "inner_validation"


@pytest.fixture(scope="module")
def off_the_edges(made):
    cases = made(number=150, groups=90)
    return cases.assign(probability=cases["probability"].clip(0.011, 0.989) + 0.001)  # none on the edge of a bin


def test_equals_scikit_learn(off_the_edges):
    table = reliability(off_the_edges, RULE, resamples=200)
    assert set(table["model"]) == {"joint", "other", "classes"}
    for model, rows in table.groupby("model"):
        of_model = off_the_edges[off_the_edges["model"] == model]
        shares, means = calibration_curve(of_model["label"], of_model["probability"], n_bins=10)
        np.testing.assert_allclose(rows["share_malignant"], shares)
        np.testing.assert_allclose(rows["mean_probability"], means)
        assert rows["predictions"].sum() == 300
        assert rows["mean_probability"].between(rows["from"], rows["to"]).all()


def test_intervals_hold_the_share(off_the_edges):
    table = reliability(off_the_edges, RULE, resamples=200).dropna(subset="low")
    assert len(table) > 15
    assert (table["low"] <= table["share_malignant"]).all()
    assert (table["share_malignant"] <= table["high"]).all()
    assert (table["high"] > table["low"]).all(), "a bin of one class has Wilson's width"


def test_agrees_with_the_calibration_error(off_the_edges):
    one_seed = off_the_edges.query("seed == 0")
    table = reliability(one_seed, RULE, resamples=50)
    gap = (table["mean_probability"] - table["share_malignant"]).abs() * table["predictions"] / 150
    error = summarise(one_seed, RULE, resamples=50).query("metric == 'calibration_error'").set_index("model")
    np.testing.assert_allclose(gap.groupby(table["model"]).sum(), error["estimate"])


def test_one_belongs_to_the_last_bin(cases):
    table = reliability(cases.assign(probability=1.0), RULE, resamples=20)
    assert set(table["bin"]) == {9}


def test_no_class_head(cases):
    assert reliability(cases[cases["model"] == "outlines"], RULE, resamples=20).empty
