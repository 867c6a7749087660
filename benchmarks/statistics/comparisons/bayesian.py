"""Bayesian signed-rank test with a region of practical equivalence.

Benavoli, Corani, Demsar and Zaffalon 2017, J Mach Learn Res 18(77): a Dirichlet process over the
differences, with half a pseudo-observation at zero as the prior.
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from benchmarks.statistics.resampling import is_whole, parts

PRIOR = 0.5


def signed_rank(differences: np.ndarray, rope: float, draws: int, seed: int) -> np.ndarray:
    """Posterior probabilities that the differences lie below, within and above the region from -rope to rope.

    In each draw the three shares are those of the weighted Walsh averages (z_i + z_j) / 2; the largest wins.

    Args:
        differences: `(observations, columns)`, each column by itself; observations are independent of each other (a
            group's mean, say).
        rope: half width of the region, in the unit of the differences; 0 for none.
        draws: how many, the same for all columns.
        seed: of the draws.

    Returns:
        `(3, columns)`.
    """
    wins = np.zeros((3, differences.shape[1]))
    for weights in weight_blocks(len(differences), draws, seed):
        wins += np.stack([wins_of_regions(column, rope, weights) for column in differences.T], axis=1)
    return wins / draws


def weight_blocks(observations: int, draws: int, seed: int) -> Iterator[np.ndarray]:
    """Weights of the prior's zero and of each difference, `(1 + observations, draws)`; those of a draw sum to 1.

    One block, kept for the next call, if that is held in memory at once (`resampling.is_whole`).
    """
    if is_whole(1 + observations, draws):
        yield dirichlet_weights(observations, draws, seed)
    else:
        yield from drawn_in_blocks(observations, draws, seed)


@lru_cache(maxsize=2)
def dirichlet_weights(observations: int, draws: int, seed: int) -> np.ndarray:
    """All weights as one array, read-only and shared between calls."""
    weights = np.empty((1 + observations, draws))
    blocks = drawn_in_blocks(observations, draws, seed)
    for (start, stop), block in zip(parts(draws, 1 + observations), blocks, strict=True):
        weights[:, start:stop] = block
    weights.setflags(write=False)
    return weights


def drawn_in_blocks(observations: int, draws: int, seed: int) -> Iterator[np.ndarray]:
    """The same weights, those of a few draws at once, from one stream of random numbers."""
    random = np.random.default_rng(seed)
    of_prior = random.standard_gamma(PRIOR, draws)
    for start, stop in parts(draws, 1 + observations):
        weights = np.empty((stop - start, 1 + observations))
        weights[:, 0] = of_prior[start:stop]
        weights[:, 1:] = random.standard_exponential((stop - start, observations))
        weights /= weights.sum(axis=1, keepdims=True)
        yield np.ascontiguousarray(weights.T)


def wins_of_regions(differences: np.ndarray, rope: float, weights: np.ndarray) -> np.ndarray:
    """In how many draws the region below, within and above wins, `(3,)`.

    Args:
        differences: `(observations,)`.
        weights: of some draws, `(1 + observations, draws)`.
    """
    values = np.concatenate([[0.0], differences])
    distinct, place = np.unique(values, return_inverse=True)
    if len(distinct) < len(values) / 2:  # differences of classes: equal ones act as one, with all their weight
        weights, values = summed(weights, place, len(distinct)), distinct
    order = np.argsort(values, kind="stable")
    values = values[order]
    tolerance = 1e-12 * max(1.0, np.abs(values).max())
    upto_low = np.searchsorted(values, -2 * rope - values - tolerance, side="left")
    upto_high = np.searchsorted(values, 2 * rope - values + tolerance, side="right")
    # A row holds one value's weight in every draw, and rows are taken one by one where they lie: no array of all
    # draws and values is gathered.
    upto = np.zeros((1 + len(values), weights.shape[1]))
    below, above, product = np.zeros((3, weights.shape[1]))
    for row, value in enumerate(order):
        np.add(upto[row], weights[value], out=upto[row + 1])
    for value, low, high in zip(order, upto_low, upto_high, strict=True):
        if low > 0:
            below += np.multiply(weights[value], upto[low], out=product)
        if high < len(values):
            np.subtract(upto[-1], upto[high], out=product)
            above += np.multiply(weights[value], product, out=product)
    return np.bincount(np.argmax(np.stack([below, 1 - below - above, above]), axis=0), minlength=3)


def summed(weights: np.ndarray, place: np.ndarray, places: int) -> np.ndarray:
    """The sum of the rows that belong to each place: `(rows, draws)` to `(places, draws)`."""
    sums = np.zeros((places, weights.shape[1]))
    for row, of_row in zip(weights, place, strict=True):
        sums[of_row] += row
    return sums
