"""Profiles against the empirical distribution, interquartile means against scipy's trimmed mean."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.statistics.estimates.profiles import interquartile_mean, performance_profiles

RULE = "inner_validation"


def test_profile_is_one_minus_the_distribution(cases):
    table = performance_profiles(cases, "dice", RULE, resamples=100)
    values = cases.query("model == 'joint'")["dice"]
    rows = table[table["model"] == "joint"]
    distribution = stats.ecdf(values).sf
    at = rows["threshold"].to_numpy()
    np.testing.assert_allclose(rows["share"], distribution.evaluate(at - 1e-9))
    assert (rows["low"] <= rows["share"] + 1e-12).all()
    assert (rows["share"] <= rows["high"] + 1e-12).all()
    assert set(table["model"]) == {"joint", "other", "outlines"}


def test_distances_count_from_below(cases):
    rows = performance_profiles(cases, "hd95", RULE, thresholds=[10, 50], resamples=50).query("model == 'other'")
    values = cases.query("model == 'other'")["hd95"]
    assert rows["share"].tolist() == pytest.approx([(values <= 10).mean(), 1])


def test_interquartile_mean_equals_scipy(cases):
    table = interquartile_mean(cases, "dice", RULE, resamples=100).set_index("model")
    for model in ("joint", "other", "outlines"):  # 80 scores, a quarter of them 20
        expected = stats.trim_mean(cases.loc[cases["model"] == model, "dice"], 0.25)
        assert table.loc[model, "estimate"] == pytest.approx(expected)
    assert (table["low"] < table["estimate"]).all()
    assert (table["estimate"] < table["high"]).all()


def test_edges_count_in_part(made):
    """Of 0, 1, 10 the middle one and half cases of .75 each: (.25 * 0 + 1 * 1 + .25 * 10) / 1.5."""
    cases = made(number=3, groups=3, seeds=1).query("model == 'joint'").assign(dice=[0.0, 10.0, 1.0])
    assert interquartile_mean(cases, "dice", RULE, resamples=20)["estimate"].item() == pytest.approx(3.5 / 1.5)


def test_one_group_has_no_interval(cases):
    one = cases[cases["case"] == "case01"]
    assert performance_profiles(one, "dice", RULE, resamples=20)[["low", "high"]].isna().all(axis=None)
    assert interquartile_mean(one, "dice", RULE, resamples=20)[["low", "high"]].isna().all(axis=None)
    assert performance_profiles(cases[cases["model"] == "classes"], "dice", RULE).empty
