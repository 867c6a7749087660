"""Bayesian signed-rank test with a region of practical equivalence.

Benavoli, Corani, Demsar and Zaffalon 2017, J Mach Learn Res 18(77): a Dirichlet process over the
differences, with half a pseudo-observation at zero as the prior.
"""

from functools import lru_cache

import numpy as np

CHUNK = 250  # draws at once, so that their sums stay in the processor's cache
PRIOR = 0.5


@lru_cache(maxsize=2)
def dirichlet_weights(observations: int, draws: int, seed: int) -> np.ndarray:
    """Weights `(draws, 1 + observations)` of the prior's zero and of each difference; each row sums to 1.

    Read-only and shared between calls.
    """
    random = np.random.default_rng(seed)
    weights = np.empty((draws, 1 + observations))
    weights[:, 0] = random.standard_gamma(PRIOR, draws)
    weights[:, 1:] = random.standard_exponential((draws, observations))
    weights /= weights.sum(axis=1, keepdims=True)
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
        weights = weights @ np.eye(len(distinct))[place]
        values = distinct
    order = np.argsort(values, kind="stable")
    values = values[order]
    tolerance = 1e-12 * max(1.0, np.abs(values).max())
    upto_low = np.searchsorted(values, -2 * rope - values - tolerance, side="left")
    upto_high = np.searchsorted(values, 2 * rope - values + tolerance, side="right")
    wins = np.zeros(3)
    for start in range(0, len(weights), CHUNK):
        drawn = weights[start : start + CHUNK, order]
        cumulative = np.concatenate([np.zeros((len(drawn), 1)), np.cumsum(drawn, axis=1)], axis=1)
        below = np.einsum("ij,ij->i", drawn, cumulative[:, upto_low])
        above = np.einsum("ij,ij->i", drawn, cumulative[:, -1:] - cumulative[:, upto_high])
        wins += np.bincount(np.argmax(np.stack([below, 1 - below - above, above]), axis=0), minlength=3)
    return tuple(wins / len(weights))
