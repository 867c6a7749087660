"""Kendall's tau-b of many pairs of rankings at once."""

import numpy as np


def kendall(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Kendall's tau-b of two rankings in each row `(rows, models)`; NaN where one of them is all ties."""
    one, other = (pair_signs(values) for values in (first, second))
    untied = np.sum(one != 0, axis=1) * np.sum(other != 0, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(untied > 0, np.sum(one * other, axis=1) / np.sqrt(untied), np.nan)


def pair_signs(values: np.ndarray) -> np.ndarray:
    """Which of each pair of models is better, `(rows, pairs)`; values equal to 12 decimals tie, NaN ties with all."""
    a, b = np.triu_indices(values.shape[1], 1)
    return np.nan_to_num(np.sign(np.round(values[:, a] - values[:, b], 12)))
