"""Bayesian signed-rank test with a region of practical equivalence.

Benavoli, Corani, Demsar and Zaffalon 2017, J Mach Learn Res 18(77): a Dirichlet process over the
differences, with half a pseudo-observation at zero as the prior.
"""

from functools import lru_cache

import numpy as np

PRIOR = 0.5


@lru_cache(maxsize=2)
def dirichlet_weights(observations: int, draws: int, seed: int) -> np.ndarray:
    """Weights `(1 + observations, draws)` of the prior's zero and of each difference; those of a draw sum to 1.

    Read-only and shared between calls.
    """
    random = np.random.default_rng(seed)
    weights = np.empty((draws, 1 + observations))
    weights[:, 0] = random.standard_gamma(PRIOR, draws)
    weights[:, 1:] = random.standard_exponential((draws, observations))
    weights /= weights.sum(axis=1, keepdims=True)
    weights = np.ascontiguousarray(weights.T)
    weights.setflags(write=False)
    return weights


def signed_rank(differences: np.ndarray, rope: float, weights: np.ndarray) -> tuple[float, float, float]:
    """Posterior probabilities that the differences lie below, within and above the region from -rope to rope.

    In each draw the three shares are those of the weighted Walsh averages (z_i + z_j) / 2; the largest wins.

    Args:
        differences: `(observations,)`, independent of each other (a group's mean, say).
        rope: half width of the region, in the unit of the differences; 0 for none.
        weights: from `dirichlet_weights`.
    """
    values = np.concatenate([[0.0], differences])
    distinct, place = np.unique(values, return_inverse=True)
    if len(distinct) < len(values) / 2:  # differences of classes: equal ones act as one, with all their weight
        weights, values = np.eye(len(distinct))[place].T @ weights, distinct
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
    wins = np.bincount(np.argmax(np.stack([below, 1 - below - above, above]), axis=0), minlength=3)
    return tuple(wins / weights.shape[1])
