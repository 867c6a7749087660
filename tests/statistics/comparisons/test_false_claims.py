"""Probability of a false claim, against scipy's paired t-test and draws from the Dirichlet posterior."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.errors import UserError
from benchmarks.statistics.comparisons.false_claims import false_claim_of_accuracy, false_claims

RULE = "inner_validation"


@pytest.mark.parametrize(("first", "second", "cases", "both"), [(0.9, 0.88, 100, 0.85), (0.75, 0.7, 20, 0.6)])
def test_equals_draws_from_the_dirichlet_posterior(first, second, cases, both):
    only_first, only_second = cases * (first - both), cases * (second - both)
    posterior = [only_first + 1, only_second + 1, cases - only_first - only_second + 2]
    draws = stats.dirichlet(posterior, seed=0).rvs(200_000)
    expected = (draws[:, 0] <= draws[:, 1]).mean()
    assert false_claim_of_accuracy(first, second, cases, both) == pytest.approx(expected, abs=0.005)


def test_no_difference_is_a_coin_toss():
    assert false_claim_of_accuracy(0.8, 0.8, 50, 0.7) == pytest.approx(0.5)


def test_table_of_the_leader(cases):
    table = false_claims(cases, "dice", RULE)
    wide = cases.pivot_table(index="case", columns="model", values="dice")
    order = wide.mean().sort_values(ascending=False).index
    assert set(table["model_a"]) == {order[0]}
    assert list(table["model_b"]) == list(order[1:])
    expected = [stats.ttest_rel(wide[order[0]], wide[m], alternative="greater").pvalue for m in order[1:]]
    np.testing.assert_allclose(table["probability_false"], expected)
    alone = false_claims(cases.assign(group=cases["case"]), "dice", RULE)
    np.testing.assert_allclose(alone["probability_false_groups"], expected)


def test_lower_distance_leads(cases):
    assert false_claims(cases, "hd95", RULE)["model_a"].iloc[0] == false_claims(cases, "dice", RULE)["model_a"].iloc[0]
    assert (false_claims(cases, "hd95", RULE)["difference"] < 0).all()


def test_accuracy_uses_the_counts(cases):
    one_seed = cases[cases["seed"] == 0]
    row = false_claims(one_seed, "accuracy", RULE).iloc[0]
    right = {
        m: ((rows["probability"] > 0.5) == (rows["label"] == 1)).to_numpy() for m, rows in one_seed.groupby("model")
    }
    a, b = right[row["model_a"]], right[row["model_b"]]
    expected = stats.beta.cdf(0.5, (a & ~b).sum() + 1, (b & ~a).sum() + 1)
    assert row["probability_false"] == pytest.approx(expected)


def test_ties_everywhere_and_one_case(cases):
    assert (false_claims(cases.assign(dice=0.5), "dice", RULE)["probability_false"] == 0.5).all()
    assert false_claims(cases[cases["case"] == "case01"], "dice", RULE)["probability_false"].isna().all()


def test_refuses_shares_that_no_two_models_can_have():
    with pytest.raises(UserError, match="No two models"):
        false_claim_of_accuracy(0.9, 0.8, 100, 0.6)
