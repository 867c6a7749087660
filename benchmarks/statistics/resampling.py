"""Resampling of whole groups: all images of a patient or of a duplicate are drawn, left out or flipped together.

A statistic is computed for a matrix of group weights at once. Its rows are: the sample as it is, each group left
out (the jackknife, for the acceleration of BCa), then the bootstrap resamples. The matrix grows with the square of the
groups; beyond `WHOLE` bytes it is made and used a block of rows at a time, from the same random numbers.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
from scipy.special import ndtr, ndtri
from statsmodels.stats.proportion import proportion_confint

WHOLE = 192 * 2**20  # bytes of weights that are made at once and kept: 10,000 resamples of 2,000 groups
BLOCK = 2**24  # bytes of a block, where all rows are more than `WHOLE`
LEAST_DEFINED = 0.9  # no interval where more than a tenth of the resamples leave the statistic undefined


@lru_cache(maxsize=4)
def group_weights(groups: int, resamples: int, seed: int) -> np.ndarray:
    """How often each group is taken: `(1 + groups + resamples, groups)`, read-only and shared between calls."""
    weights, row = np.empty((1 + groups + resamples, groups)), 0
    for block in drawn_in_blocks(groups, resamples, seed):
        weights[row : row + len(block)] = block
        row += len(block)
    weights.setflags(write=False)
    return weights


def drawn_in_blocks(groups: int, resamples: int, seed: int, jackknife: bool = True) -> Iterator[np.ndarray]:
    """The same rows in their order, no more than `BLOCK` bytes at once, from one stream of random numbers."""
    yield np.ones((1, groups))
    for start, stop in parts(groups if jackknife else 0, groups):
        yield left_out(groups, start, stop)
    random = np.random.default_rng(seed)
    for start, stop in parts(resamples, groups):
        yield drawn(random, stop - start, groups)


def drawn(random: np.random.Generator, resamples: int, groups: int) -> np.ndarray:
    """How often each group is taken in the next resamples: `(resamples, groups)`."""
    places = random.integers(groups, size=(resamples, groups))
    places += groups * np.arange(resamples)[:, None]
    return np.bincount(places.ravel(), minlength=resamples * groups).reshape(resamples, groups).astype(float)


def left_out(groups: int, start: int, stop: int) -> np.ndarray:
    """Weights that leave out each of the groups from `start` to before `stop`: `(stop - start, groups)`."""
    weights = np.ones((stop - start, groups))
    weights[np.arange(stop - start), np.arange(start, stop)] = 0
    return weights


def over_resamples(
    statistic: Callable[[np.ndarray], np.ndarray],
    groups: int,
    resamples: int,
    seed: int,
    *,
    axis: int = 0,
    jackknife: bool = True,
) -> np.ndarray:
    """A statistic at the rows of `group_weights`.

    Args:
        statistic: takes weights `(rows, groups)`, not to be written to, and gives an array with a place for each row.
        axis: on which the rows lie in what it gives.
        jackknife: whether to take the rows that leave a group out, which only `interval` needs.
    """
    return joined([statistic(weights) for weights in weight_blocks(groups, resamples, seed, jackknife)], axis)


def joined(blocks: list[np.ndarray], axis: int = 0) -> np.ndarray:
    """What a statistic gave for one block of rows after the other, as one array."""
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis)


def weight_blocks(groups: int, resamples: int, seed: int, jackknife: bool = True) -> Iterator[np.ndarray]:
    """The rows of `group_weights` in their order: one block if all take no more than `WHOLE` bytes."""
    if is_whole(1 + groups + resamples, groups):
        weights = group_weights(groups, resamples, seed)
        yield weights if jackknife else np.delete(weights, slice(1, groups + 1), axis=0)
    else:
        yield from drawn_in_blocks(groups, resamples, seed, jackknife)


def is_whole(rows: int, columns: int) -> bool:
    """Whether so many numbers are held in memory at once."""
    return 8 * rows * columns <= WHOLE


def parts(rows: int, columns: int) -> Iterator[tuple[int, int]]:
    """First row, and the one after the last, of each block of a matrix of numbers with so many columns."""
    step = max(1, BLOCK // (8 * columns))
    for start in range(0, rows, step):
        yield start, min(start + step, rows)


def group_sums(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Sum over the cases of each group: `(cases, ...)` to `(groups, ...)`."""
    sums = np.zeros((groups.max() + 1, *values.shape[1:]))
    np.add.at(sums, groups, values.astype(float, copy=False))  # as it is, a table of truths takes five times as long
    return sums


def weighted_means(values: np.ndarray, groups: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean over cases of each column of `values (cases, columns)` under each row of weights: `(rows, columns)`."""
    sizes = weights @ np.bincount(groups).astype(float)
    with np.errstate(invalid="ignore"):  # a single group left out leaves no case
        return (weights @ group_sums(values, groups)) / sizes[:, None]


def interval(statistic: np.ndarray, groups: int, level: float = 0.95) -> tuple[float, float, str]:
    """Bootstrap interval of a statistic evaluated at the rows of `group_weights`.

    BCa (Efron 1987, J Am Stat Assoc 82:171); percentiles of the resamples where the acceleration or the bias
    correction is undefined. A statistic that no resample moves has an interval of no width; with one group, or
    where more than a tenth of the resamples are undefined, there is none.

    Returns:
        lower end, upper end, and the method used.
    """
    estimate, jackknife, resampled = statistic[0], statistic[1 : groups + 1], statistic[groups + 1 :]
    if groups < 2:
        return np.nan, np.nan, "none: one group"
    if np.isnan(estimate) or np.isfinite(resampled).mean() < LEAST_DEFINED:
        return np.nan, np.nan, "none: undefined"
    resampled = resampled[np.isfinite(resampled)]
    tolerance = 1e-12 * max(1.0, abs(estimate))
    if np.ptp(resampled) <= tolerance:
        return estimate, estimate, "constant"
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    below = np.mean(resampled < estimate - tolerance) / 2 + np.mean(resampled <= estimate + tolerance) / 2
    influence = jackknife.mean() - jackknife
    spread = np.sum(influence**2)
    if not (spread > tolerance**2 and 0 < below < 1):  # NaN too: leaving one group out leaves nothing defined
        return *np.quantile(resampled, tails), "percentile"
    acceleration = np.sum(influence**3) / (6 * spread**1.5)
    shifted = ndtri(below) + ndtri(tails)
    if np.any(acceleration * shifted >= 1):
        return *np.quantile(resampled, tails), "percentile"
    tails = ndtr(ndtri(below) + shifted / (1 - acceleration * shifted))
    return *np.quantile(resampled, tails), "BCa"


def proportion_interval(statistic: np.ndarray, groups: int, trials: int, level: float) -> tuple[float, float, str]:
    """As `interval`; a proportion of 0 or 1, which no resample moves, gets Wilson's for `trials` independent groups."""
    low, high, method = interval(statistic, groups, level)
    if method != "constant" or not trials:
        return low, high, method
    share = statistic[0]
    low, high = proportion_confint(share * trials, trials, 1 - level, "wilson")
    return min(low, share), max(high, share), "Wilson over groups"
