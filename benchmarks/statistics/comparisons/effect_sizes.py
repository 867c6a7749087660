"""How large a difference is, beside whether it is there."""

import numpy as np
from scipy.stats import rankdata


def hodges_lehmann(differences: np.ndarray) -> float:
    """Median of the Walsh averages (x_i + x_j) / 2, i <= j: the pseudo-median of paired differences.

    Hodges and Lehmann 1963, Ann Math Stat 34:598. Unit of the input.
    """
    upper = np.triu_indices(len(differences))
    return float(np.median((differences[upper[0]] + differences[upper[1]]) / 2))


def cliffs_delta(a: np.ndarray, b: np.ndarray) -> float:
    """P(a > b) - P(a < b) over all pairs of a score of `a` and a score of `b`, from -1 to 1.

    Cliff 1993, Psychol Bull 114:494. It ignores that the scores are paired.
    """
    ranks = rankdata(np.concatenate([a, b]))
    wins = ranks[: len(a)].sum() - len(a) * (len(a) + 1) / 2
    return float(2 * wins / (len(a) * len(b)) - 1)
