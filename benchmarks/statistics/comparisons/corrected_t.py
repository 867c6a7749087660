"""Corrected resampled t-test over fold x seed: trainings on overlapping data are not independent."""

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.errors import UserError
from benchmarks.statistics.comparisons.multiplicity import holm
from benchmarks.statistics.panel import Panel, Reference, arrange

COLUMNS = ["model_a", "model_b", "metric", "difference", "low", "high", "t", "p_value", "p_holm", "folds", "seeds"]


def compare_runs(
    cases: pd.DataFrame, metric: str, selection: str, *, reference: Reference | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Each model against the reference, or all pairs, by the difference in each run (fold x seed).

    Nadeau and Bengio 2003, Mach Learn 52:239: the variance of the J differences is inflated from 1/J to
    1/J + 1/(k - 1), the test share over the training share of k folds; J - 1 degrees of freedom.

    Returns:
        A row per pair: `model_a, model_b, metric, difference` (a minus b), `low, high, t, p_value, p_holm, folds,
        seeds` (those that both models have). With one fold, one run, or differences that never vary (unless all
        are 0, then p is 1), the test is undefined and its cells are empty.

    Raises:
        UserError: two models were tested in different folds, or see `panel.arrange`.
    """
    panel = arrange(cases, selection)
    runs = _means_of_runs(panel, metric)
    folds = panel.frame["fold"].nunique()
    rows = []
    for a, b in panel.pairs(runs, reference):
        difference = (runs[a] - runs[b]).dropna(axis=0).to_numpy()  # seeds that only one model has are NaN
        rows.append((a, b, metric, *_corrected_t(difference.ravel(), folds, level), folds, len(difference)))
    table = pd.DataFrame(rows, columns=[column for column in COLUMNS if column != "p_holm"])
    table["p_holm"] = holm(table["p_value"])
    return table[COLUMNS]


def _means_of_runs(panel: Panel, metric: str) -> dict[str, pd.DataFrame]:
    """For each model the mean score of each seed (rows) and fold (columns)."""
    if "fold" not in panel.frame:
        raise UserError("The case scores lack the column fold; see docs/contracts.md.")
    homes = panel.frame.groupby("case")["fold"].nunique()
    if (homes > 1).any():
        raise UserError(
            f"Case {homes[homes > 1].index[0]} was tested in different folds by different runs; a comparison fold "
            "by fold needs the same folds. Train the models on the same benchmark."
        )
    folds = panel.frame.drop_duplicates("case").set_index("case")["fold"].reindex(panel.facts.index).to_numpy()
    return {
        model: pd.DataFrame(values.T).groupby(folds).mean().T.set_axis(panel.seeds(model))
        for model, values in panel.values(metric).items()
    }


def _corrected_t(differences: np.ndarray, folds: int, level: float) -> tuple[float, float, float, float, float]:
    """Mean, interval, t and p of the differences of all runs."""
    runs = len(differences)
    if runs == 0:
        return np.nan, np.nan, np.nan, np.nan, np.nan
    mean = differences.mean()
    if not differences.any():
        return 0.0, 0.0, 0.0, 0.0, 1.0
    spread = np.std(differences, ddof=1) if runs > 1 else 0.0
    if folds < 2 or spread <= 1e-12 * abs(mean):
        return mean, np.nan, np.nan, np.nan, np.nan
    error = spread * np.sqrt(1 / runs + 1 / (folds - 1))
    half = stats.t.ppf((1 + level) / 2, runs - 1) * error
    return mean, mean - half, mean + half, mean / error, 2 * stats.t.sf(abs(mean / error), runs - 1)
