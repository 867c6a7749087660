"""Sign flips against scipy's permutation test; max-T against closed testing."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats

from benchmarks.statistics.comparisons.permutation import blocks_of_signs, flip_tests, sign_flips


@pytest.mark.parametrize("seed", range(5))
def test_exact_p_equals_scipy(seed):
    sums = np.random.default_rng(seed).normal(0.4, 1, size=(8, 1)).round(1)
    expected = stats.permutation_test(
        (sums[:, 0],), np.sum, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    ).pvalue
    assert flip_tests(sums, 10_000, 0)[0][0] == pytest.approx(expected)


def test_random_flips_come_near_the_exact_p():
    sums = np.random.default_rng(1).normal(0.5, 1, size=(12, 1))
    exact = flip_tests(sums, 2**12, 0)[0][0]
    assert flip_tests(sums, 4000, 0)[0][0] == pytest.approx(exact, abs=3 * np.sqrt(exact / 4000))


@pytest.mark.parametrize("seed", range(4))
def test_step_down_max_t_is_closed_testing(seed):
    """A hypothesis is rejected when every set that holds it is, each by the largest statistic of the set."""
    sums = np.random.default_rng(seed).normal(0.5, 1, size=(7, 3))
    signs = np.array(list(product([1, -1], repeat=7)))
    scaled = sums / np.sqrt((sums**2).sum(axis=0))
    observed, flipped = np.abs(scaled.sum(axis=0)), np.abs(signs @ scaled)
    sets = [list(s) for size in (1, 2, 3) for s in combinations(range(3), size)]
    p_of_set = {tuple(s): np.mean(flipped[:, s].max(axis=1) >= observed[s].max() - 1e-9) for s in sets}
    expected = [max(p for s, p in p_of_set.items() if k in s) for k in range(3)]
    alone, adjusted = flip_tests(sums, 10_000, 0)
    np.testing.assert_allclose(adjusted, expected)
    assert (adjusted >= alone).all()


def test_no_difference_has_p_one():
    alone, adjusted = flip_tests(np.zeros((30, 2)), 200, 0)
    assert alone.tolist() == adjusted.tolist() == [1, 1]


def test_all_flips_of_few_groups_once_each():
    assert len(np.unique(sign_flips(4, 16, 0), axis=0)) == 16
    assert sign_flips(5, 16, 0).shape == (16, 5)
    assert set(sign_flips(5, 16, 0).ravel()) == {-1, 1}


def test_false_alarms_keep_to_their_rate():
    """Of 300 tests of nothing about one in twenty has p below .05, however uneven the spread of the groups."""
    random = np.random.default_rng(0)
    sums = random.normal(size=(25, 300)) * random.lognormal(size=(25, 1))
    alone, adjusted = flip_tests(sums, 500, 0)
    assert stats.binomtest(int((alone <= 0.05).sum()), 300, 0.05).pvalue > 0.01
    assert (adjusted <= 0.05).sum() <= 1


@pytest.mark.parametrize("groups", [4, 25])
def test_flips_in_blocks_are_the_same_flips(use_small_blocks, groups):
    sums = np.random.default_rng(2).normal(0.1, 1, size=(groups, 3))
    signs, expected = sign_flips(groups, 99, 4), flip_tests(sums, 99, 4)
    use_small_blocks()
    if groups == 25:
        assert np.array_equal(signs, 1 - 2 * np.random.default_rng(4).integers(2, size=(99, 25)))
        blocks = list(blocks_of_signs(groups, 99, 4))
        assert max(map(len, blocks)) == 7
        assert np.array_equal(np.concatenate(blocks), signs)
    np.testing.assert_array_equal(flip_tests(sums, 99, 4), expected)
