"""DeLong's test against MLstatkit, and its clustered form against Obuchowski's formulas written out."""

import numpy as np
import pandas as pd
import pytest
from MLstatkit import Delong_test
from sklearn.metrics import roc_auc_score

from benchmarks.statistics.comparisons.delong import auc_with_variance, compare_auc

RULE = "inner_validation"


def test_equals_mlstatkit_where_each_case_is_a_group(cases):
    alone = cases.query("seed == 0").assign(group=cases["case"])
    table = compare_auc(alone, RULE, reference="other")
    assert list(table["model_a"]) == ["classes", "joint"]
    for row in table.itertuples():
        a, b = (alone[alone["model"] == m] for m in (row.model_a, row.model_b))
        z, p_value = Delong_test(
            a["label"].to_numpy(), b["probability"], a["probability"], return_ci=False, return_auc=False
        )
        assert (row.z, row.p_value) == pytest.approx((z, p_value), abs=1e-9)
        assert row.auc_a == pytest.approx(roc_auc_score(a["label"], a["probability"]))


def by_obuchowski(probabilities, labels, groups):
    """The formulas of Obuchowski 1997 by loops over cases and clusters."""
    x, y = (np.flatnonzero(labels == side) for side in (1, 0))
    wins = [(p[x][:, None] > p[y]) + 0.5 * (p[x][:, None] == p[y]) for p in probabilities]
    area = [w.mean() for w in wins]
    clusters = range(groups.max() + 1)
    v10 = [[sum(w.mean(1)[groups[x] == c] - a) for c in clusters] for w, a in zip(wins, area, strict=True)]
    v01 = [[sum(w.mean(0)[groups[y] == c] - a) for c in clusters] for w, a in zip(wins, area, strict=True)]
    of_x, of_y, total = len(set(groups[x])), len(set(groups[y])), len(clusters)
    covariance = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            s10 = of_x / ((of_x - 1) * len(x)) * np.dot(v10[i], v10[j])
            s01 = of_y / ((of_y - 1) * len(y)) * np.dot(v01[i], v01[j])
            s11 = [total / (total - 1) * np.dot(v10[k], v01[m]) for k, m in ((i, j), (j, i))]
            covariance[i, j] = s10 / len(x) + s01 / len(y) + sum(s11) / (len(x) * len(y))
    return area, covariance


@pytest.mark.parametrize("seed", range(5))
def test_clustered_form_equals_the_formulas(seed):
    random = np.random.default_rng(seed)
    labels, groups = (
        random.permutation(np.arange(30) % 2),
        np.unique(random.integers(9, size=30), return_inverse=True)[1],
    )
    probabilities = random.random((2, 30)).round(1)
    area, covariance = auc_with_variance(probabilities, labels, groups, [1, 1])
    expected_area, expected = by_obuchowski(probabilities, labels, groups)
    np.testing.assert_allclose(area, expected_area)
    np.testing.assert_allclose(covariance, expected, atol=1e-12)


def test_copies_of_the_cases_add_no_certainty():
    random = np.random.default_rng(0)
    labels, probability = np.arange(30) % 2, random.random((1, 30))
    _, once = auc_with_variance(probability, labels, np.arange(30))
    _, thrice = auc_with_variance(np.tile(probability, 3), np.tile(labels, 3), np.tile(np.arange(30), 3))
    np.testing.assert_allclose(thrice, once, rtol=1e-12)


def test_undefined_and_equal(cases):
    one_class = compare_auc(cases[cases["label"] == 1], RULE)
    assert one_class[["difference", "p_value", "p_holm"]].isna().all(axis=None)
    one = cases[cases["model"] == "joint"]
    row = compare_auc(pd.concat([one, one.assign(model="copy")]), RULE).iloc[0]
    assert (row["difference"], row["z"], row["p_value"]) == (0, 0, 1)
    assert compare_auc(one, RULE).empty


def test_mean_over_seeds(cases):
    row = compare_auc(cases, RULE, reference="joint").query("model_a == 'other'").iloc[0]
    rows = cases[cases["model"] == "other"].groupby("seed")
    assert row["auc_a"] == pytest.approx(np.mean([roc_auc_score(r["label"], r["probability"]) for _, r in rows]))
    assert row["low"] < row["difference"] < row["high"]


def test_identical_predictions_are_equivalent_and_separate_ones_are_not(cases):
    one = cases[cases["model"] == "joint"]
    wrong = one.assign(model="wrong", probability=1 - one["probability"])
    table = compare_auc(pd.concat([one, one.assign(model="copy"), wrong]), RULE).set_index(["model_a", "model_b"])
    regions = ["p_equivalent", "p_better", "p_worse"]
    assert tuple(table.loc[("copy", "joint"), regions]) == (1, 0, 0)
    assert table.loc[("copy", "wrong"), "p_better"] > 0.99
    np.testing.assert_allclose(table[regions].sum(axis=1), 1)
    assert compare_auc(cases[cases["label"] == 1], RULE)[regions].isna().all(axis=None)


def test_equivalence_agrees_with_a_bayesian_bootstrap_of_groups():
    """Another posterior, without the normal form: Rubin 1981, Ann Stat 9:130, groups weighed at random."""
    random = np.random.default_rng(1)
    labels, groups = np.arange(400) % 2, np.arange(400) // 2
    first = labels + random.normal(0, 1, 400)
    second = first + random.normal(0, 0.25, 400)
    names = [str(i) for i in range(400)]
    common = {"case": names, "class": "x", "label": labels, "group": groups.astype(str), "seed": 0, "fold": 0}
    common |= {"selection": RULE, "epoch": 0}
    both = [
        pd.DataFrame(common | {"model": model, "probability": 1 / (1 + np.exp(-score))})
        for model, score in (("a", first), ("b", second))
    ]
    row = compare_auc(pd.concat(both), RULE, rope=0.01).iloc[0]
    weights = random.dirichlet(np.ones(200), 1000)[:, groups]
    x, y = labels == 1, labels == 0
    wins = [np.greater.outer(score[x], score[y]).astype(float) for score in (first, second)]
    scale = weights[:, x].sum(axis=1) * weights[:, y].sum(axis=1)
    drawn = np.einsum("di,ij,dj->d", weights[:, x], wins[0] - wins[1], weights[:, y], optimize=True) / scale
    expected = [np.mean(np.abs(drawn) <= 0.01), np.mean(np.greater(drawn, 0.01)), np.mean(np.less(drawn, -0.01))]
    assert 0.2 < expected[0] < 0.98
    np.testing.assert_allclose(row[["p_equivalent", "p_better", "p_worse"]].astype(float), expected, atol=0.05)
