"""What is hard: a linear mixed model with an intercept for each case, score ~ model + (1 | case).

Each model and case is one observation, the mean over seeds: seeds of a model share what the case is to that model, and
are no further cases. Without gaps the restricted-likelihood estimates have a closed form, the classical analysis of
variance (Searle, Casella and McCulloch 1992, Variance Components, chapter 4), so nothing has to converge.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm

from benchmarks.statistics.panel import Panel, arrange


class Fit(NamedTuple):
    models: list[str]
    scores: np.ndarray  # (models, cases)
    case_variance: float
    residual_variance: float


def mixed_model(cases: pd.DataFrame, metric: str, selection: str, *, level: float = 0.95) -> pd.DataFrame:
    """Fixed effects of the models with the variance of case intercepts beside them.

    Returns:
        A row per model: `model, metric, estimate, standard_error, low, high` (for new cases), `error_of_difference`
        (standard error of the difference of any two models on the same cases), `case_variance, residual_variance,
        intraclass_correlation` (share of the variance that belongs to the case: how far models fail on the same
        cases), `cases`. With one model or one case the variances are not separable and their cells are empty.
    """
    panel = arrange(cases, selection)
    fit = _fit(panel, metric)
    number = len(panel.facts)
    error = np.sqrt((fit.case_variance + fit.residual_variance) / number)
    table = pd.DataFrame({"model": fit.models, "metric": metric, "estimate": fit.scores.mean(axis=1)})
    half = norm.ppf((1 + level) / 2) * error
    total = fit.case_variance + fit.residual_variance
    return table.assign(
        standard_error=error,
        low=table["estimate"] - half,
        high=table["estimate"] + half,
        error_of_difference=np.sqrt(2 * fit.residual_variance / number),
        case_variance=fit.case_variance,
        residual_variance=fit.residual_variance,
        intraclass_correlation=fit.case_variance / total if total > 0 else np.nan,
        cases=number,
    )


def case_difficulty(cases: pd.DataFrame, metric: str, selection: str) -> pd.DataFrame:
    """Every case with its predicted intercept: how far models score above or below their means on it.

    Returns:
        A row per case, in order: `case, class, group, metric, mean` (over models), `lowest, highest, intercept`
        (the mean's distance from the grand mean, shrunk towards 0 by the reliability of the mean; in the unit of
        the metric). The intercept is empty with one model or one case.
    """
    panel = arrange(cases, selection)
    fit = _fit(panel, metric)
    table = panel.facts.drop(columns="label", errors="ignore").assign(metric=metric)
    if not fit.models:
        return table.iloc[:0].assign(mean=[], lowest=[], highest=[], intercept=[]).reset_index()
    means = fit.scores.mean(axis=0)
    spread = fit.case_variance + fit.residual_variance / len(fit.models)
    reliability = fit.case_variance / spread if spread > 0 else spread * 0
    return table.assign(
        mean=means,
        lowest=fit.scores.min(axis=0),
        highest=fit.scores.max(axis=0),
        intercept=reliability * (means - means.mean()),
    ).reset_index()


def _fit(panel: Panel, metric: str) -> Fit:
    scores = panel.values(metric)
    values = np.stack([v.mean(axis=0) for v in scores.values()]) if scores else np.empty((0, len(panel.facts)))
    models, cases = values.shape
    if models < 2 or cases < 2:
        return Fit(list(scores), values, np.nan, np.nan)
    of_cases, of_models = values.mean(axis=0), values.mean(axis=1, keepdims=True)
    between = models * np.sum((of_cases - values.mean()) ** 2)
    within = np.sum((values - of_cases - of_models + values.mean()) ** 2)
    residual = within / ((cases - 1) * (models - 1))
    if between / (cases - 1) > residual:
        return Fit(list(scores), values, (between / (cases - 1) - residual) / models, residual)
    return Fit(list(scores), values, 0.0, (between + within) / ((cases - 1) * models))  # on the boundary
