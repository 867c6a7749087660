"""Sign-flip permutation: were two models alike, every group's difference might as well have the other sign."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from benchmarks.statistics.resampling import is_whole, parts

CHUNK = 2000


def are_all(groups: int, resamples: int) -> bool:
    """Whether so many flips suffice for all that exist."""
    return groups < 63 and 2**groups <= resamples


@lru_cache(maxsize=2)
def sign_flips(groups: int, resamples: int, seed: int) -> np.ndarray:
    """Signs `(flips, groups)`: all that exist, each once, if there are no more than `resamples`; or else random ones.

    Shared between calls: not to be written to.
    """
    if are_all(groups, resamples):
        bits = np.arange(2**groups)[:, None] >> np.arange(groups) & 1
        return 1.0 - 2.0 * bits
    signs = np.empty((resamples, groups))
    for (start, stop), block in zip(parts(resamples, groups), drawn_in_blocks(groups, resamples, seed), strict=True):
        signs[start:stop] = block
    return signs


def drawn_in_blocks(groups: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Random signs, a few flips at once, from one stream of random numbers."""
    random = np.random.default_rng(seed)
    for start, stop in parts(resamples, groups):
        yield 1.0 - 2.0 * random.integers(2, size=(stop - start, groups))


def blocks_of_signs(groups: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """The rows of `sign_flips` in their order, from the whole or, where that is too large to be held, as drawn."""
    if are_all(groups, resamples) or is_whole(resamples, groups):
        signs = sign_flips(groups, resamples, seed)
        yield from (signs[start : start + CHUNK] for start in range(0, len(signs), CHUNK))
    else:
        yield from drawn_in_blocks(groups, resamples, seed)


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
    scale = np.sqrt(np.sum(sums**2, axis=0))
    scaled = np.divide(sums, scale, out=np.zeros_like(sums), where=scale > 0)
    observed = np.abs(scaled.sum(axis=0)) - 1e-9  # a flip that only reverses all signs must count as a tie
    order = np.argsort(-observed, kind="stable")
    alone, adjusted = np.zeros(columns), np.zeros(columns)
    for signs in blocks_of_signs(groups, resamples, seed):
        flipped = np.abs(signs @ scaled)
        alone += np.sum(flipped >= observed, axis=0)
        largest = np.maximum.accumulate(flipped[:, order[::-1]], axis=1)[:, ::-1]
        adjusted[order] += np.sum(largest >= observed[order], axis=0)
    flips, own = (2**groups, 0) if are_all(groups, resamples) else (resamples, 1)
    alone, adjusted = ((count + own) / (flips + own) for count in (alone, adjusted))
    adjusted[order] = np.maximum.accumulate(adjusted[order])
    return alone, adjusted
