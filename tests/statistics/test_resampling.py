"""Group weights and bootstrap intervals, against scipy and statsmodels."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from benchmarks.statistics import resampling
from benchmarks.statistics.resampling import (
    group_sums,
    group_weights,
    interval,
    over_resamples,
    proportion_interval,
    weighted_means,
)


def test_weights_are_sample_jackknife_and_draws():
    weights = group_weights(7, 50, 3)
    assert weights.shape == (1 + 7 + 50, 7)
    assert (weights[0] == 1).all()
    assert (weights[1:8] == 1 - np.eye(7)).all()
    assert (weights.sum(axis=1)[8:] == 7).all()
    assert len(np.unique(weights[8:], axis=0)) > 40


@pytest.mark.parametrize("jackknife", [True, False])
def test_blocks_are_the_rows_of_the_whole(use_small_blocks, jackknife):
    """The same random numbers, whether drawn at once or a few rows at a time."""
    whole = group_weights(25, 40, 3)
    draws = np.random.default_rng(3).integers(25, size=(40, 25))
    assert whole[26:].tolist() == [np.bincount(draw, minlength=25).tolist() for draw in draws]
    expected = whole if jackknife else np.delete(whole, slice(1, 26), axis=0)
    use_small_blocks()
    blocks = []
    found = over_resamples(lambda weights: blocks.append(len(weights)) or weights, 25, 40, 3, jackknife=jackknife)
    assert max(blocks) == 7
    assert np.array_equal(found, expected)
    transposed = over_resamples(np.transpose, 25, 40, 3, axis=1, jackknife=jackknife)
    assert np.array_equal(transposed, expected.T)


def test_memory_is_that_of_a_block(monkeypatch):
    """Of 1,000 groups, whose weights take 16 MiB."""
    monkeypatch.setattr(resampling, "WHOLE", 2**20)
    monkeypatch.setattr(resampling, "BLOCK", 2**20)
    tracemalloc.start()
    over_resamples(lambda weights: weights.sum(axis=1), 1000, 1000, 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 * 2**20


def test_a_weighted_mean_is_the_mean_of_the_drawn_cases():
    random = np.random.default_rng(0)
    groups = np.array([0, 0, 1, 2, 2, 2, 3])
    values = random.normal(size=(7, 2))
    weights = group_weights(4, 30, 1)
    for row, means in zip(weights, weighted_means(values, groups, weights), strict=True):
        drawn = np.concatenate([values[groups == g] for g in range(4) for _ in range(int(row[g]))])
        np.testing.assert_allclose(means, drawn.mean(axis=0))
    np.testing.assert_allclose(group_sums(values, groups)[2], values[3:6].sum(axis=0))


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_bca_equals_scipy_on_the_same_resamples(level):
    values = np.random.default_rng(0).lognormal(size=(40, 1))
    statistic = weighted_means(values, np.arange(40), group_weights(40, 999, 0))[:, 0]
    expected = stats.bootstrap(
        (values[:, 0],),
        np.mean,
        n_resamples=0,
        bootstrap_result=SimpleNamespace(bootstrap_distribution=statistic[41:]),
        confidence_level=level,
        method="BCa",
    ).confidence_interval
    low, high, method = interval(statistic, 40, level)
    assert method == "BCa"
    np.testing.assert_allclose([low, high], expected, rtol=1e-9)


def test_width_is_that_of_clustered_errors():
    random = np.random.default_rng(2)
    groups = np.repeat(np.arange(200), 3)
    values = random.normal(size=200)[groups] + random.normal(0, 0.3, 600)
    fit = sm.OLS(values, np.ones(600)).fit(cov_type="cluster", cov_kwds={"groups": groups})
    low, high, _ = interval(weighted_means(values[:, None], groups, group_weights(200, 4000, 0))[:, 0], 200)
    assert high - low == pytest.approx(2 * 1.96 * fit.bse[0], rel=0.06)
    assert high - low > 1.4 * 2 * 1.96 * values.std() / np.sqrt(600), "cases of a group are not independent"


def test_degenerate_samples_say_so():
    weights = group_weights(5, 100, 0)
    assert interval(weights @ np.zeros(5) + 0.3, 5) == (pytest.approx(0.3), pytest.approx(0.3), "constant")
    assert interval(group_weights(1, 100, 0)[:, 0], 1)[2] == "none: one group"
    undefined = np.where(np.arange(len(weights)) % 2, np.nan, 1.0)
    assert interval(undefined, 5)[2] == "none: undefined"
    assert np.isnan(interval(undefined, 5)[0])


def test_percentiles_where_the_acceleration_is_undefined():
    statistic = weighted_means(np.arange(6.0)[:, None], np.arange(6), group_weights(6, 500, 0))[:, 0]
    statistic[3] = np.nan  # one group left out leaves the statistic undefined
    low, high, method = interval(statistic, 6)
    assert method == "percentile"
    assert (low, high) == tuple(np.quantile(statistic[7:], [0.025, 0.975]))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_proportion_at_its_bound_gets_wilsons_interval(share):
    low, high, method = proportion_interval(np.full(30, share), 9, 12, 0.95)
    expected = stats.binomtest(int(12 * share), 12).proportion_ci(method="wilson")
    assert method == "Wilson over groups"
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)
