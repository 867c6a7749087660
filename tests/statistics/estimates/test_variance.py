"""Variance components against the mean squares of statsmodels and against made-up data of known variances."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from benchmarks.errors import UserError
from benchmarks.statistics.estimates.variance import split_variance

RULE = "inner_validation"


def make(sizes, seeds, deviations, random) -> pd.DataFrame:
    """Scores with the given standard deviations of split, seed (run), case and rest."""
    folds = np.repeat(np.arange(len(sizes)), sizes)
    split, run, case, rest = (np.asarray(d) for d in deviations)
    values = 0.7 + random.normal(size=len(sizes))[folds] * split + random.normal(size=len(folds)) * case
    values = values + random.normal(size=(seeds, len(sizes)))[:, folds] * run
    values = values + random.normal(size=values.shape) * rest
    rows = {"model": "m", "selection": RULE, "seed": np.repeat(np.arange(seeds), len(folds))}
    rows |= {"case": np.tile([f"c{i:03d}" for i in range(len(folds))], seeds), "fold": np.tile(folds, seeds)}
    return pd.DataFrame(rows | {"dice": values.ravel()}).assign(group=lambda t: t["case"])


def test_equals_the_mean_squares_of_statsmodels():
    data = make([4, 4, 4], 3, (0.2, 0.2, 0.3, 0.1), np.random.default_rng(0))
    squares = {"split": smf.ols("dice ~ C(fold)", data), "case": smf.ols("dice ~ C(case)", data)}
    explained = {name: model.fit().ess for name, model in squares.items()}
    with_runs = smf.ols("dice ~ C(fold) + C(fold):C(seed)", data).fit().ess - explained["split"]
    total = sm.OLS(data["dice"], np.ones(36)).fit().ssr
    split, run = explained["split"] / 2, with_runs / 6
    case = (explained["case"] - explained["split"]) / 9
    rest = (total - explained["case"] - with_runs) / 18
    expected = [(split - case - run + rest) / 12, (run - rest) / 4, (case - rest) / 3, rest]
    found = split_variance(data, "dice", RULE).set_index("component")["variance"]
    np.testing.assert_allclose(found[["split", "seed", "case", "rest"]], np.maximum(expected, 0), atol=1e-12)


@pytest.mark.parametrize("sizes", [(60,) * 8, (20, 100, 40, 80, 10, 90, 60, 80)])
def test_finds_known_variances_in_unequal_folds(sizes):
    random, deviations = np.random.default_rng(0), (0.05, 0.03, 0.12, 0.06)
    found = [split_variance(make(sizes, 3, deviations, random), "dice", RULE)["variance"] for _ in range(150)]
    errors = np.std(found, axis=0) / np.sqrt(150)
    assert (np.abs(np.mean(found, axis=0) - np.square(deviations)) < 4 * errors + 2e-5).all()


def test_shares_and_errors_of_the_mean():
    table = split_variance(make([30, 30, 30], 2, (0.1, 0.1, 0.1, 0.1), np.random.default_rng(1)), "dice", RULE)
    assert table["share"].sum() == pytest.approx(1)
    np.testing.assert_allclose(table["standard_error"], np.sqrt(table["variance"] / [3, 6, 90, 180]))


def test_what_cannot_be_told_apart_is_empty(cases):
    one_seed = split_variance(cases[cases["seed"] == 0], "dice", RULE).set_index(["model", "component"])["variance"]
    assert one_seed["joint"].isna().to_dict() == {"split": False, "seed": True, "case": False, "rest": True}
    one_fold = split_variance(cases.assign(fold=0), "dice", RULE).set_index(["model", "component"])["variance"]
    assert one_fold["joint"].isna().to_dict() == {"split": True, "seed": False, "case": False, "rest": False}
    assert split_variance(cases[cases["model"] == "classes"], "dice", RULE).empty
    constant = split_variance(cases.assign(dice=0.5), "dice", RULE)
    assert (constant["variance"] == 0).all()
    assert constant["share"].isna().all()


def test_refuses_seeds_in_different_folds(cases):
    moved = cases.assign(fold=np.where(cases["seed"] == 1, 2 - cases["fold"], cases["fold"]))
    with pytest.raises(UserError, match="seeds were tested in different folds"):
        split_variance(moved, "dice", RULE)
