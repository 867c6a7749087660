"""Kendall's tau-b of many pairs of rankings at once."""

import numpy as np


def kendall(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Kendall's tau-b of two rankings in each row `(rows, models)`; NaN where one of them is all ties."""
    one, other = (pair_signs(values) for values in (first, second))
    untied_in_one, untied_in_other = np.sum(one != 0, axis=1), np.sum(other != 0, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        tau = np.sum(one * other, axis=1) / np.sqrt(untied_in_one) / np.sqrt(untied_in_other)
    return np.where((untied_in_one > 0) & (untied_in_other > 0), np.clip(tau, -1, 1), np.nan)


def pair_signs(values: np.ndarray) -> np.ndarray:
    """Which of each pair of models is better, `(rows, pairs)`; values equal to 12 decimals tie, NaN ties with all."""
    a, b = np.triu_indices(values.shape[1], 1)
    return np.nan_to_num(np.sign(np.round(values[:, a] - values[:, b], 12)))
