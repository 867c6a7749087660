"""How large a difference is, beside whether it is there."""

import numpy as np
from scipy.stats import rankdata


def hodges_lehmann(differences: np.ndarray) -> float:
    """Median of the Walsh averages (x_i + x_j) / 2, i <= j: the pseudo-median of paired differences.

    Hodges and Lehmann 1963, Ann Math Stat 34:598. Unit of the input.
    """
    values = np.sort(differences) + 0.0  # no -0
    pairs = len(values) * (len(values) + 1) // 2
    low = high = pair_sum_of_rank(values, (pairs - 1) // 2) / 2
    if pairs % 2 == 0:
        high = pair_sum_of_rank(values, pairs // 2) / 2
    return float((low + high) / 2)


def pair_sum_of_rank(values: np.ndarray, rank: int) -> float:
    """The sum x_i + x_j, i <= j, that has so many others before it in ascending order.

    Bisection between sums that occur: each step counts the pairs up to the middle, row by row of the sorted table of
    all sums, and goes on from the sums next to it. No more than n numbers are held at once.

    Args:
        values: `(n,)`, ascending.
        rank: from 0.
    """
    low, high = 2 * values[0], 2 * values[-1]
    while low < high:
        middle = min(low + (high - low) / 2, np.nextafter(high, low))
        upto = pairs_upto(values, middle)
        if upto.sum() > rank:
            reached = np.flatnonzero(upto)
            high = np.max(values[reached] + values[reached + upto[reached] - 1])
        else:
            left = np.flatnonzero(upto < np.arange(len(values), 0, -1))
            low = np.min(values[left] + values[left + upto[left]])
    return low


def pairs_upto(values: np.ndarray, limit: float) -> np.ndarray:
    """For each i the number of j >= i with x_i + x_j <= limit, `(n,)`; sums as the processor rounds them."""
    last = len(values) - 1
    upto = np.searchsorted(values, limit - values, side="right")
    # A difference is rounded in another place than a sum: the few that this puts on the wrong side of it are moved.
    while (wrong := (upto > 0) & (values + values[upto - 1] > limit)).any():
        upto[wrong] = np.searchsorted(values, values[upto[wrong] - 1], side="left")
    while (wrong := (upto <= last) & (values + values[np.minimum(upto, last)] <= limit)).any():
        upto[wrong] = np.searchsorted(values, values[upto[wrong]], side="right")
    return np.maximum(upto - np.arange(len(values)), 0)


def cliffs_delta(a: np.ndarray, b: np.ndarray) -> float:
    """P(a > b) - P(a < b) over all pairs of a score of `a` and a score of `b`, from -1 to 1.

    Cliff 1993, Psychol Bull 114:494. It ignores that the scores are paired.
    """
    ranks = rankdata(np.concatenate([a, b]))
    wins = ranks[: len(a)].sum() - len(a) * (len(a) + 1) / 2
    return float(2 * wins / (len(a) * len(b)) - 1)
