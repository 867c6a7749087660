"""The table of means with intervals, and the textbook intervals beside it."""

import numpy as np
import pytest
from MLstatkit import Delong_test
from scipy import stats

from benchmarks.statistics.estimates.classification import METRICS
from benchmarks.statistics.estimates.intervals import COLUMNS, alternatives, summarise
from benchmarks.statistics.panel import SEGMENTATION

RULE = "inner_validation"


@pytest.fixture(scope="module")
def summary(cases):
    return summarise(cases, RULE, resamples=300)


def test_a_row_for_each_metric_of_the_heads_a_model_has(summary):
    assert list(summary.columns) == COLUMNS
    metrics = summary.groupby("model")["metric"].apply(tuple)
    assert metrics["joint"] == (*SEGMENTATION, *METRICS)
    assert metrics["outlines"] == SEGMENTATION
    assert metrics["classes"] == METRICS


def test_means_and_counts(summary, cases):
    row = summary.query("model == 'other' and metric == 'hd95'").iloc[0]
    assert row["estimate"] == pytest.approx(cases.query("model == 'other'")["hd95"].mean())
    assert (row["cases"], row["groups"], row["seeds"]) == (40, 25, 2)
    assert row["low"] < row["estimate"] < row["high"]


def test_one_class_leaves_auc_empty_and_dice_whole(cases):
    summary = summarise(cases[cases["label"] == 0], RULE, resamples=50).set_index(["model", "metric"])
    assert np.isnan(summary.loc[("joint", "auc"), ["estimate", "low", "high"]].astype(float)).all()
    assert summary.loc[("joint", "auc"), "method"] == "none: undefined"
    expected = cases.query("model == 'joint' and label == 0")["dice"].mean()
    assert summary.loc[("joint", "dice"), "estimate"] == pytest.approx(expected)


def test_one_case_has_estimates_and_no_intervals(cases):
    summary = summarise(cases[cases["case"] == "case03"], RULE, resamples=50)
    assert set(summary["method"]) <= {"none: one group", "none: undefined"}
    assert summary[["low", "high"]].isna().all(axis=None)
    row = summary.query("model == 'joint' and metric == 'dice'").iloc[0]
    assert row["estimate"] == pytest.approx(cases.query("model == 'joint' and case == 'case03'")["dice"].mean())


def test_constant_scores_have_no_width_and_proportions_wilsons(cases):
    constant = cases.assign(dice=0.8, probability=np.where(cases["label"] == 1, 0.9, 0.1))
    summary = summarise(constant, RULE, resamples=50).query("model == 'joint'").set_index("metric")
    assert summary.loc["dice", "method"] == "constant"
    # a mean of 0.8s is 0.8 but for the last digits, which depend on the order in which a processor adds
    assert tuple(summary.loc["dice", ["estimate", "low", "high"]]) == pytest.approx((0.8, 0.8, 0.8), rel=1e-14)
    groups = cases.query("label == 1")["group"].nunique()
    wilson = stats.binomtest(groups, groups).proportion_ci(method="wilson")
    assert summary.loc["sensitivity", "low"] == pytest.approx(wilson.low)
    assert summary.loc["sensitivity", "method"] == "Wilson over groups"


def test_wilson_equals_scipy(cases):
    table = alternatives(cases, RULE).set_index(["model", "seed", "metric"])
    rows = cases.query("model == 'joint' and seed == 1")
    called = rows["probability"] > 0.5
    for metric, counted, among in [
        ("accuracy", called == (rows["label"] == 1), rows["label"] >= 0),
        ("specificity", ~called & (rows["label"] == 0), rows["label"] == 0),
        ("precision", called & (rows["label"] == 1), called),
        ("empty", rows["empty"] == 1, rows["label"] >= 0),
    ]:
        expected = stats.binomtest(int(counted.sum()), int(among.sum())).proportion_ci(method="wilson")
        row = table.loc[("joint", 1, metric)]
        assert (row["low"], row["high"]) == pytest.approx((expected.low, expected.high), abs=1e-9)
        assert (row["estimate"], row["cases"]) == (pytest.approx(counted.sum() / among.sum()), among.sum())


def test_delong_equals_mlstatkit_where_each_case_is_a_group(cases):
    alone = cases.assign(group=cases["case"])
    table = alternatives(alone, RULE).set_index(["model", "seed", "metric"])
    rows = {m: alone.query(f"model == '{m}' and seed == 0") for m in ("joint", "other")}
    probabilities = [rows[m]["probability"].to_numpy() for m in rows]
    _, _, first, second, area, _, _ = Delong_test(rows["joint"]["label"].to_numpy(), *probabilities)
    row = table.loc[("joint", 0, "auc")]
    assert (row["estimate"], row["low"], row["high"]) == pytest.approx((area, *first), abs=1e-9)
    assert table.loc[("other", 0, "auc"), "high"] == pytest.approx(min(second[1], 1), abs=1e-9)
