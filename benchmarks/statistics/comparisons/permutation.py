"""Sign-flip permutation: were two models alike, every group's difference might as well have the other sign."""

from functools import lru_cache

import numpy as np

CHUNK = 2000


@lru_cache(maxsize=2)
def sign_flips(groups: int, resamples: int, seed: int) -> tuple[np.ndarray, bool]:
    """Signs `(flips, groups)`, and whether they are all that exist (where `resamples` suffice for that).

    Shared between calls: not to be written to.
    """
    if groups < 63 and 2**groups <= resamples:
        bits = np.arange(2**groups)[:, None] >> np.arange(groups) & 1
        return 1.0 - 2.0 * bits, True
    return 1.0 - 2.0 * np.random.default_rng(seed).integers(2, size=(resamples, groups)), False


def flip_tests(sums: np.ndarray, resamples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two-sided p-values of each column, alone and adjusted for all columns by step-down max-T.

    The statistic is |sum over groups| / root of the sum of squares; the denominator, which no flip changes, puts
    columns of different spread on one scale. Max-T as in Westfall and Young 1993, algorithm 4.1, with the same
    flips for all columns. Random flips count the sample itself as one (Phipson and Smyth 2010).

    Args:
        sums: summed difference of each group, `(groups, columns)`.

    Returns:
        p-values `(columns,)` and adjusted p-values `(columns,)`. A column of zeros has p = 1.
    """
    groups, columns = sums.shape
    signs, exact = sign_flips(groups, resamples, seed)
    scale = np.sqrt(np.sum(sums**2, axis=0))
    scaled = np.divide(sums, scale, out=np.zeros_like(sums), where=scale > 0)
    observed = np.abs(scaled.sum(axis=0)) - 1e-9  # a flip that only reverses all signs must count as a tie
    order = np.argsort(-observed, kind="stable")
    alone, adjusted = np.zeros(columns), np.zeros(columns)
    for start in range(0, len(signs), CHUNK):
        flipped = np.abs(signs[start : start + CHUNK] @ scaled)
        alone += np.sum(flipped >= observed, axis=0)
        largest = np.maximum.accumulate(flipped[:, order[::-1]], axis=1)[:, ::-1]
        adjusted[order] += np.sum(largest >= observed[order], axis=0)
    own = 0 if exact else 1
    alone, adjusted = ((count + own) / (len(signs) + own) for count in (alone, adjusted))
    adjusted[order] = np.maximum.accumulate(adjusted[order])
    return alone, adjusted
