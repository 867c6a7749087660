"""Probability that the claim "A outperforms B" is false, given the results.

Christodoulou et al. 2025, "False promises in medical imaging AI?", arXiv:2505.04720 (Claims Reloaded).
"""

import numpy as np
import pandas as pd
from scipy.stats import beta, t

from benchmarks.errors import UserError
from benchmarks.statistics.panel import LOWER_IS_BETTER, arrange
from benchmarks.statistics.precision import clustered_standard_error


def false_claims(cases: pd.DataFrame, metric: str, selection: str) -> pd.DataFrame:
    """The claim at the top of a table, against each other model: the leader is better.

    Returns:
        A row per rival of the model with the best mean, closest first: `model_a` (the leader), `model_b, metric,
        difference` (a minus b), `probability_false` (the paper's formula, cases as independent; for `accuracy` its
        Dirichlet form, by seed-averaged counts), `probability_false_groups` (the t form with the standard error and
        degrees of freedom of groups), `cases, groups`.
    """
    panel = arrange(cases, selection)
    means = {model: values.mean(axis=0) for model, values in panel.values(metric).items()}
    direction = -1 if metric in LOWER_IS_BETTER else 1
    order = sorted(means, key=lambda model: -direction * round(means[model].mean(), 12))
    cases_count, groups = len(panel.facts), panel.groups.max() + 1
    rows = []
    for rival in order[1:]:
        leader = order[0]
        difference = direction * (means[leader] - means[rival])
        if metric == "accuracy":
            right, other = panel.values(metric)[leader], panel.values(metric)[rival]
            both = np.mean([(a * b).mean() for a in right for b in other])
            false = false_claim_of_accuracy(means[leader].mean(), means[rival].mean(), cases_count, both)
        else:
            spread = np.std(difference, ddof=1) if cases_count > 1 else np.nan
            false = _t_form(difference.mean(), spread / np.sqrt(cases_count), cases_count - 1)
        error = clustered_standard_error(difference, panel.groups)
        rows.append((leader, rival, metric, direction * difference.mean(), false))
        rows[-1] += (_t_form(difference.mean(), error, groups - 1), cases_count, groups)
    columns = ["model_a", "model_b", "metric", "difference", "probability_false", "probability_false_groups"]
    return pd.DataFrame(rows, columns=[*columns, "cases", "groups"])


def false_claim(
    mean_a: float, mean_b: float, deviation_a: float, deviation_b: float, cases: int, correlation: float
) -> float:
    """For reported means of a score where more is better: P(mu_A <= mu_B).

    t_(n-1)(sqrt(n) (m_B - m_A) / sqrt(s_A^2 + s_B^2 - 2 s_A s_B r)), the posterior under the reference prior.

    Args:
        deviation_a, deviation_b: standard deviations over the cases.
        correlation: between the scores of the two models over the cases.

    Raises:
        UserError: fewer than two cases, a negative deviation, or a correlation outside -1 to 1.
    """
    if cases < 2 or min(deviation_a, deviation_b) < 0 or not -1 <= correlation <= 1:
        raise UserError(
            "Expected at least 2 cases, deviations of 0 or more and a correlation from -1 to 1; found "
            f"{cases} cases, deviations {deviation_a} and {deviation_b}, correlation {correlation}."
        )
    variance = deviation_a**2 + deviation_b**2 - 2 * deviation_a * deviation_b * correlation
    return _t_form(mean_a - mean_b, np.sqrt(max(variance, 0) / cases), cases - 1)


def false_claim_of_accuracy(accuracy_a: float, accuracy_b: float, cases: int, both_right: float) -> float:
    """For reported accuracies: P(p_A <= p_B) under the Dirichlet posterior D(x_1 + 1, x_2 + 1, n - x_1 - x_2 + 2).

    x_1 and x_2 count the cases that only A and only B call right. Of two shares of a Dirichlet the first is a Beta
    share of their sum, so the double integral of the paper is I_(1/2)(x_1 + 1, x_2 + 1).

    Args:
        both_right: share of cases that both call right (the paper's congruence).

    Raises:
        UserError: shares that no two models can have.
    """
    only_a, only_b = accuracy_a - both_right, accuracy_b - both_right
    if cases < 1 or min(only_a, only_b, both_right) < -1e-9 or both_right + only_a + only_b > 1 + 1e-9:
        raise UserError(
            f"No two models are right on {accuracy_a} and {accuracy_b} of {cases} cases and both right on {both_right}."
        )
    return float(beta.cdf(0.5, cases * max(only_a, 0) + 1, cases * max(only_b, 0) + 1))


def _t_form(difference: float, error: float, degrees: int) -> float:
    """P(true difference <= 0); one half for no difference at all, empty where the error is undefined."""
    if degrees < 1 or not np.isfinite(error):
        return np.nan
    if error <= 1e-12 * max(1.0, abs(difference)):
        return 0.5 if abs(difference) <= 1e-12 else float(difference < 0)
    return float(t.cdf(-difference / error, degrees))
