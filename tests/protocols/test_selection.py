"""Selection scores by hand."""

import numpy as np
import pytest

from benchmarks.protocols.selection import combine, dice_from_counts, released_score, standard_score

COUNTS = {"intersection": np.array([10, 0, 30]), "predicted": np.array([20, 0, 30]), "truth": np.array([20, 0, 50])}


def test_dice_from_counts_with_both_masks_empty_is_one():
    np.testing.assert_allclose(dice_from_counts(**COUNTS), [0.5, 1.0, 0.75])


def test_standard_score_is_seven_tenths_dice_and_three_tenths_accuracy():
    assert standard_score(COUNTS, 0.8, np.random.default_rng(0)) == pytest.approx(0.7 * 0.75 + 0.3 * 0.8)


def test_released_score_pools_pairs_and_rounds():
    # any order pairs two of the three images; the third stands alone
    pooled = {
        frozenset([0, 1]): (0.5 + 0.75) / 2,
        frozenset([0, 2]): (80 / 120 + 1) / 2,
        frozenset([1, 2]): (0.75 + 0.5) / 2,
    }
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(3)
        expected = round(pooled[frozenset(order[:2].tolist())], 3)
        score = released_score(COUNTS, 0.66666, np.random.default_rng(seed))
        assert score == pytest.approx(0.7 * expected + 0.3 * 0.667)


def test_a_single_head_is_judged_alone():
    assert combine(0.4, np.nan) == 0.4
    assert combine(np.nan, 0.9) == 0.9
    assert standard_score(None, 0.9, np.random.default_rng(0)) == 0.9
    assert released_score(None, 0.98765, np.random.default_rng(0)) == 0.988
