"""Adjustment of p-values for the number of tests in a table."""

import numpy as np
import pandas as pd


def holm(p_values: pd.Series) -> np.ndarray:
    """Holm's step-down adjustment (1979) of the p-values that are defined; the others stay empty."""
    adjusted = np.full(len(p_values), np.nan)
    defined = p_values.notna().to_numpy()
    if defined.any():
        values = p_values[defined].to_numpy(dtype=float)
        order = np.argsort(values)
        steps = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
        adjusted[np.flatnonzero(defined)[order]] = np.minimum(steps, 1)
    return adjusted
