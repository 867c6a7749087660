"""Minimum detectable differences against statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.power import NormalIndPower

from benchmarks.statistics.comparisons.precision import clustered_standard_error, minimum_detectable

RULE = "inner_validation"


def test_error_equals_clustered_least_squares():
    random = np.random.default_rng(0)
    groups = np.unique(random.integers(20, size=60), return_inverse=True)[1]
    values = random.normal(size=60) + groups * 0.1
    fit = sm.OLS(values, np.ones(60)).fit(cov_type="cluster", cov_kwds={"groups": groups})
    assert clustered_standard_error(values, groups) == pytest.approx(fit.bse[0])


@pytest.mark.parametrize("power", [0.8, 0.9])
def test_independent_cases_need_what_statsmodels_plans(cases, power):
    alone = minimum_detectable(cases.assign(group=cases["case"]), "dice", RULE, power=power)
    np.testing.assert_allclose(alone["design_effect"], 1)
    row = alone.iloc[0]
    effect = NormalIndPower(ddof=0).solve_power(None, 40, 0.05, power, ratio=0)
    assert row["minimum_detectable"] == pytest.approx(row["standard_deviation"] * effect, rel=1e-4)
    wide = cases.pivot_table(index="case", columns="model", values="dice")
    assert row["standard_deviation"] == pytest.approx((wide["joint"] - wide["other"]).std())


def test_undefined(cases):
    assert minimum_detectable(cases[cases["case"] == "case01"], "dice", RULE)["minimum_detectable"].isna().all()
    assert (minimum_detectable(cases.assign(dice=0.5), "dice", RULE)["minimum_detectable"] == 0).all()
    assert minimum_detectable(cases, "dice", RULE, reference="classes").empty
