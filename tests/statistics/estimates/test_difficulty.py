"""The closed form of the mixed model against the fit of statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from benchmarks.statistics.estimates.difficulty import case_difficulty, mixed_model

RULE = "inner_validation"


@pytest.fixture(scope="module")
def fit(cases):
    means = cases.groupby(["model", "case"], as_index=False)["dice"].mean().dropna()
    return smf.mixedlm("dice ~ 0 + model", means, groups=means["case"]).fit(reml=True)


def test_effects_and_variances(cases, fit):
    table = mixed_model(cases, "dice", RULE).set_index("model")
    assert list(table.index) == ["joint", "other", "outlines"]
    for model in table.index:
        assert table.loc[model, "estimate"] == pytest.approx(fit.fe_params[f"model[{model}]"])
        assert table.loc[model, "standard_error"] == pytest.approx(fit.bse_fe[f"model[{model}]"], rel=1e-4)
    row = table.iloc[0]
    assert row["case_variance"] == pytest.approx(fit.cov_re.iloc[0, 0], rel=1e-3)
    assert row["residual_variance"] == pytest.approx(fit.scale, rel=1e-3)
    contrast = np.array([1, -1, 0])
    variance = contrast @ fit.cov_params().iloc[:3, :3].to_numpy() @ contrast
    assert row["error_of_difference"] == pytest.approx(np.sqrt(variance), rel=1e-3)


def test_intercepts(cases, fit):
    table = case_difficulty(cases, "dice", RULE).set_index("case")
    expected = pd.Series({case: effect.iloc[0] for case, effect in fit.random_effects.items()})
    np.testing.assert_allclose(table["intercept"], expected.loc[table.index], atol=1e-4)
    wide = cases.groupby(["model", "case"], as_index=False)["dice"].mean().pivot_table(index="case", values="dice")
    np.testing.assert_allclose(table["mean"], wide["dice"].loc[table.index])


def test_no_variance_of_cases_is_pooled():
    """Where cases agree less than by chance the estimate lies on the boundary, as that of statsmodels does."""
    scores = np.array([[1.0, 2.0, 3.0], [3.0, 2.1, 1.0]])
    rows = [
        {"model": f"m{m}", "case": f"c{c}", "group": f"c{c}", "seed": 0, "selection": RULE, "dice": value}
        for (m, c), value in np.ndenumerate(scores)
    ]
    row = mixed_model(pd.DataFrame(rows), "dice", RULE).iloc[0]
    assert row["case_variance"] == 0
    assert row["residual_variance"] == pytest.approx(scores.var(axis=1, ddof=1).mean())
    assert (case_difficulty(pd.DataFrame(rows), "dice", RULE)["intercept"] == 0).all()


def test_undefined(cases):
    one = mixed_model(cases[cases["model"] == "joint"], "dice", RULE)
    assert one["estimate"].notna().all()
    assert one[["standard_error", "case_variance"]].isna().all(axis=None)
    assert case_difficulty(cases[cases["case"] == "case01"], "dice", RULE)["intercept"].isna().all()
    assert case_difficulty(cases[cases["model"] == "classes"], "dice", RULE).empty
    assert mixed_model(cases[cases["model"] == "classes"], "dice", RULE).empty
    assert (case_difficulty(cases.assign(dice=0.5), "dice", RULE)["intercept"] == 0).all()
