"""Effect sizes against published examples and scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmarks.statistics.comparisons.effect_sizes import cliffs_delta, hodges_lehmann

scores = st.lists(st.integers(-20, 20).map(lambda n: n / 10), min_size=1, max_size=15).map(np.array)


def test_hodges_lehmann_of_the_depression_data():
    """Hollander and Wolfe, Nonparametric Statistical Methods, table 3.1: the estimate is -.46 (example 3.3)."""
    before = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
    after = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])
    assert hodges_lehmann(after - before) == pytest.approx(-0.46, abs=1e-9)


@given(scores)
def test_hodges_lehmann_balances_the_signed_ranks(differences):
    shift = hodges_lehmann(differences)
    walsh = [(a + b) / 2 for i, a in enumerate(differences) for b in differences[i:]]
    assert shift == pytest.approx(np.median(walsh))
    assert hodges_lehmann(-differences) == pytest.approx(-shift)


@pytest.mark.parametrize("digits", [1, 4, 17])
def test_hodges_lehmann_is_the_middle_of_all_pairs_to_the_last_bit(digits):
    random = np.random.default_rng(digits)
    for number in (1, 2, 3, 50, 301, 302):
        differences = random.normal(0, 0.3, number).round(digits)
        first, second = np.triu_indices(number)
        assert hodges_lehmann(differences) == np.median((differences[first] + differences[second]) / 2)


@given(scores, scores)
def test_cliffs_delta_is_the_scaled_mann_whitney_u(a, b):
    expected = 2 * stats.mannwhitneyu(a, b).statistic / (len(a) * len(b)) - 1
    assert cliffs_delta(a, b) == pytest.approx(expected)
    assert cliffs_delta(b, a) == pytest.approx(-expected)
