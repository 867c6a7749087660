"""Probability of outperforming, against scipy's Mann-Whitney U of each case."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks.statistics.comparisons.outperforming import outperforming

RULE = "inner_validation"


@pytest.mark.parametrize(("metric", "sign"), [("dice", 1), ("hd95", -1)])
def test_equals_the_mean_mann_whitney_share(cases, metric, sign):
    wide = {m: rows.pivot_table(index="case", columns="seed", values=metric) for m, rows in cases.groupby("model")}
    table = outperforming(cases, metric, RULE, resamples=200)
    assert len(table) == 3
    for row in table.itertuples():
        a, b = sign * wide[row.model_a].to_numpy(), sign * wide[row.model_b].to_numpy()
        shares = [stats.mannwhitneyu(x, y).statistic / 4 for x, y in zip(a, b, strict=True)]
        assert row.probability == pytest.approx(np.mean(shares))
        assert row.low <= row.probability <= row.high


def test_certain_and_undecided(cases):
    one = cases[cases["model"] == "joint"]
    both = pd.concat([one, one.assign(model="worse", dice=one["dice"] - 0.01)])
    best = both.assign(dice=both["dice"].where(both["model"] == "worse", 2.0))
    assert outperforming(best, "dice", RULE, resamples=50)["probability"].item() == 1
    same = pd.concat([one, one.assign(model="copy")])
    assert outperforming(same, "dice", RULE, resamples=50)["probability"].item() == 0.5
    assert outperforming(one, "dice", RULE, resamples=50).empty
