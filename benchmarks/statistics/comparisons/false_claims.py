"""Probability that the claim "A outperforms B" is false, given the results.

Christodoulou et al. 2025, "False promises in medical imaging AI?", arXiv:2505.04720 (Claims Reloaded).
"""

import numpy as np
import pandas as pd
from scipy.stats import beta, t

from benchmarks.errors import UserError
from benchmarks.statistics.comparisons.precision import clustered_standard_error
from benchmarks.statistics.panel import LOWER_IS_BETTER, arrange


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
        of_groups = _t_form(difference.mean(), error, groups - 1)
        signed = direction * difference.mean()
        rows.append((leader, rival, metric, signed, false, of_groups, cases_count, groups))
    columns = ["model_a", "model_b", "metric", "difference", "probability_false", "probability_false_groups"]
    return pd.DataFrame(rows, columns=[*columns, "cases", "groups"])


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
