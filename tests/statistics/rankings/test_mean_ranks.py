"""Friedman and Nemenyi against scipy, scikit-posthocs and Demsar's published example."""

import numpy as np
import pandas as pd
import pytest
import scikit_posthocs
from scipy import stats

from benchmarks.statistics.rankings.mean_ranks import critical_difference, critical_distance, friedman, nemenyi

RULE = "inner_validation"


def by_group(cases: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Mean score of each group (rows) and model (columns)."""
    return cases.pivot_table(index="group", columns="model", values=metric).dropna(axis=1)


@pytest.mark.parametrize("metric", ["dice", "hd95", "empty"])
def test_friedman_equals_scipy(cases, metric):
    row = friedman(cases, metric, RULE).iloc[0]
    expected = stats.friedmanchisquare(*by_group(cases, metric).round(12).to_numpy().T)
    assert (row["chi_square"], row["p_value"]) == pytest.approx(tuple(expected))
    assert (row["models"], row["groups"]) == (3, 25)


def test_nemenyi_equals_scikit_posthocs(cases):
    expected = scikit_posthocs.posthoc_nemenyi_friedman(by_group(cases, "dice").round(12))
    for row in nemenyi(cases, "dice", RULE).itertuples():
        assert row.p_value == pytest.approx(expected.loc[row.model_a, row.model_b], abs=1e-6)


def test_demsars_critical_differences():
    """Demsar 2006: four classifiers on 14 data sets, CD 1.25 at .05 and 1.12 at .10."""
    assert critical_distance(4, 14) == pytest.approx(1.25, abs=0.005)
    assert critical_distance(4, 14, 0.90) == pytest.approx(1.12, abs=0.005)


def test_rank_one_is_best_whichever_way_the_metric_points(cases):
    best = by_group(cases, "dice").rank(axis=1, ascending=False).mean().idxmin()
    assert critical_difference(cases, "dice", RULE)["model"].iloc[0] == best
    assert critical_difference(cases, "hd95", RULE)["model"].iloc[0] == best


def test_bars_join_what_the_test_cannot_tell_apart(made):
    table = critical_difference(made(number=60, groups=60), "dice", RULE)
    ranks = table["mean_rank"].to_numpy()
    near = np.abs(ranks[:, None] - ranks) <= table["critical_difference"][0]
    shares = [[bool({*a.split(";")} & {*b.split(";")} - {""}) for a in table["bars"]] for b in table["bars"]]
    off_diagonal = ~np.eye(len(table), dtype=bool)
    np.testing.assert_array_equal(np.array(shares)[off_diagonal], near[off_diagonal])


def test_ties_everywhere_and_too_few_models(cases):
    tied = friedman(cases.assign(dice=0.5), "dice", RULE).iloc[0]
    assert (tied["chi_square"], tied["p_value"]) == (0, 1)
    assert (critical_difference(cases.assign(dice=0.5), "dice", RULE)["mean_rank"] == 2.5).all()
    one = cases[cases["model"] == "joint"]
    assert friedman(one, "dice", RULE).empty
    assert nemenyi(one, "dice", RULE).empty
    assert critical_difference(one, "dice", RULE)["critical_difference"].isna().all()
    without = cases[cases["model"] == "classes"]
    for table in (friedman, critical_difference, nemenyi):
        assert table(without, "dice", RULE).empty
