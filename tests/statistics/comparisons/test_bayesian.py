"""The Bayesian signed-rank test against baycomp, and draw by draw against its definition."""

import numpy as np
import pytest
from baycomp import SignedRankTest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.statistics.comparisons.bayesian import dirichlet_weights, signed_rank, weight_blocks, wins_of_regions


@pytest.mark.parametrize("shift", [-0.02, 0.0, 0.008, 0.03])
def test_agrees_with_baycomp(shift):
    differences = np.random.default_rng(5).normal(shift, 0.03, 30)
    left, within, right = SignedRankTest.probs(np.zeros(30), differences, rope=0.01, nsamples=4000, random_state=1)
    found = signed_rank(differences[:, None], 0.01, draws=20_000, seed=0)[:, 0]
    assert tuple(found) == pytest.approx((left, within, right), abs=0.03)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-30, 30), min_size=1, max_size=12), st.integers(0, 10))
def test_equals_its_definition_draw_by_draw(points, rope):
    """In whole numbers, where sums meet the edge of the region exactly: the edge lies within."""
    values = np.array([0, *points], dtype=float)
    weights = dirichlet_weights(len(points), 50, 0)
    sums = values[:, None] + values
    shares = [sums < -2 * rope, np.abs(sums) <= 2 * rope, sums > 2 * rope]
    draws = np.array([[w @ share @ w for share in shares] for w in weights.T])
    clear = np.sort(draws, axis=1)[:, -1] - np.sort(draws, axis=1)[:, -2] > 1e-9
    if clear.all():
        expected = np.bincount(draws.argmax(axis=1), minlength=3)
        assert wins_of_regions(values[1:], rope, weights).tolist() == expected.tolist()


def test_swapping_the_models_swaps_the_tails():
    differences = np.random.default_rng(3).normal(0.01, 0.02, 40)
    found = signed_rank(np.stack([-differences, differences], axis=1), 0.01, draws=500, seed=0)
    assert found[:, 0].tolist() == found[::-1, 1].tolist()


def test_prior_counts_half_an_observation():
    weights = dirichlet_weights(9, 50_000, 0)
    np.testing.assert_allclose(weights.sum(axis=0), 1)
    assert weights[0].mean() == pytest.approx(0.5 / 9.5, rel=0.02)
    assert weights[4].mean() == pytest.approx(1 / 9.5, rel=0.02)


@pytest.mark.parametrize("digits", [1, 17])
def test_draws_in_blocks_are_the_same_draws(use_small_blocks, digits):
    """With differences that are seldom and often equal."""
    differences = np.random.default_rng(1).normal(0, 0.05, size=(60, 2)).round(digits)
    whole, random = dirichlet_weights(60, 90, 5), np.random.default_rng(5)
    prior, others = random.standard_gamma(0.5, size=(90, 1)), random.standard_exponential((90, 60))
    np.testing.assert_allclose(whole.T * (prior + others.sum(axis=1, keepdims=True)), np.hstack([prior, others]))
    expected = signed_rank(differences, 0.01, draws=90, seed=5)
    use_small_blocks()
    blocks = list(weight_blocks(60, 90, 5))
    assert len(blocks) > 10
    assert np.array_equal(np.concatenate(blocks, axis=1), whole)
    assert np.array_equal(signed_rank(differences, 0.01, draws=90, seed=5), expected)
