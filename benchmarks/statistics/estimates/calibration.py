"""Whether probabilities mean what they say: the points of a reliability curve."""

from functools import partial

import numpy as np
import pandas as pd

from benchmarks.scoring.classification import CALIBRATION_BINS
from benchmarks.statistics.estimates.classification import bin_of
from benchmarks.statistics.panel import arrange
from benchmarks.statistics.resampling import group_sums, over_resamples, proportion_interval


def reliability(
    cases: pd.DataFrame, selection: str, *, resamples: int = 2000, seed: int = 0, level: float = 0.95
) -> pd.DataFrame:
    """Share of malignant cases in ten bins of the predicted probability, all seeds together.

    The bins are those of `calibration_error` in `intervals.summarise` (which is computed within each seed).

    Returns:
        A row per model and bin that holds a prediction: `model, bin, from, to, mean_probability, share_malignant,
        low, high, method` (cluster bootstrap of the share), `predictions, groups` (in this bin).
    """
    panel = arrange(cases, selection)
    count = panel.groups.max() + 1
    columns = ["model", "bin", "from", "to", "mean_probability", "share_malignant", "low", "high", "method"]
    rows = []
    for model, probabilities in panel.values("probability").items():
        within = bin_of(probabilities)[..., None] == np.arange(CALIBRATION_BINS)
        predictions = within.sum(axis=0)
        kinds = [group_sums(kind, panel.groups) for kind in (predictions * panel.labels[:, None], predictions)]
        malignant, total = over_resamples(partial(_sums_of_each, kinds), count, resamples, seed, axis=1)
        for place in np.flatnonzero(predictions.any(axis=0)):
            with np.errstate(invalid="ignore"):
                share = malignant[:, place] / total[:, place]
            mean = probabilities[within[..., place]].mean()
            inside = len(np.unique(panel.groups[predictions[:, place] > 0]))
            ends = proportion_interval(share, count, inside, level)
            bounds = (place / CALIBRATION_BINS, (place + 1) / CALIBRATION_BINS)
            rows.append((model, place, *bounds, mean, share[0], *ends, predictions[:, place].sum(), inside))
    return pd.DataFrame(rows, columns=[*columns, "predictions", "groups"])


def _sums_of_each(kinds: list[np.ndarray], weights: np.ndarray) -> np.ndarray:
    """Weighted sums of each kind `(groups, columns)`: `(kinds, rows, columns)`."""
    return np.stack([weights @ sums for sums in kinds])
