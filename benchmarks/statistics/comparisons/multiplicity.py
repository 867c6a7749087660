"""Adjustment of p-values for the number of tests in a table."""

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests


def holm(p_values: pd.Series) -> np.ndarray:
    """Holm's step-down adjustment (1979) of the p-values that are defined; the others stay empty."""
    adjusted = np.full(len(p_values), np.nan)
    defined = p_values.notna().to_numpy()
    if defined.any():
        adjusted[defined] = multipletests(p_values[defined], method="holm")[1]
    return adjusted
