"""Which cases two models, or all of them, call right: McNemar's test and Cochran's Q. Each seed by itself.

Both take cases as independent. Where images share a patient or a lesion, prefer the sign-flip test of `pairs` on the
metric `accuracy`, which flips whole groups.
"""

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import cochrans_q

from benchmarks.statistics.comparisons.multiplicity import holm
from benchmarks.statistics.panel import Reference, arrange


def mcnemar(cases: pd.DataFrame, selection: str, *, reference: Reference | None = None) -> pd.DataFrame:
    """Exact McNemar test (1947, Psychometrika 12:153) of each model against the reference, or of all pairs.

    Returns:
        A row per pair and seed that both have: `model_a, model_b, seed, both_right, only_a, only_b, both_wrong,
        p_value, p_holm` (Holm over the pairs of a seed). Without a case that divides the two, p is 1.

    Raises:
        UserError: the reference is unknown, or see `panel.arrange`.
    """
    panel = arrange(cases, selection)
    right = {model: dict(zip(panel.seeds(model), r == 1, strict=True)) for model, r in panel.values("accuracy").items()}
    rows = []
    for a, b in panel.pairs(right, reference):
        for seed in sorted(right[a].keys() & right[b].keys()):
            of_a, of_b = right[a][seed], right[b][seed]
            only_a, only_b = int((of_a & ~of_b).sum()), int((of_b & ~of_a).sum())
            p_value = binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
            rows.append((a, b, seed, (of_a & of_b).sum(), only_a, only_b, (~of_a & ~of_b).sum(), p_value))
    columns = ["model_a", "model_b", "seed", "both_right", "only_a", "only_b", "both_wrong", "p_value"]
    table = pd.DataFrame(rows, columns=columns)
    table["p_holm"] = np.nan
    for _, of_seed in table.groupby("seed"):
        table.loc[of_seed.index, "p_holm"] = holm(of_seed["p_value"])
    return table


def cochran(cases: pd.DataFrame, selection: str) -> pd.DataFrame:
    """Cochran's Q (1950, Biometrika 37:256): are all models right equally often?

    Returns:
        A row per seed that all models with a classification head have: `seed, q, degrees_of_freedom, p_value,
        models, cases`. Where no case divides the models, Q is 0 and p is 1. No row with fewer than two models.
    """
    panel = arrange(cases, selection)
    right = {model: dict(zip(panel.seeds(model), r, strict=True)) for model, r in panel.values("accuracy").items()}
    columns = ["seed", "q", "degrees_of_freedom", "p_value", "models", "cases"]
    if len(right) < 2:
        return pd.DataFrame(columns=columns)
    rows = []
    for seed in sorted(set.intersection(*(set(seeds) for seeds in right.values()))):
        table = np.stack([seeds[seed] for seeds in right.values()], axis=1)
        q, p_value = 0.0, 1.0
        if (table != table[:, :1]).any():
            test = cochrans_q(table)
            q, p_value = test.statistic, test.pvalue
        rows.append((seed, q, len(right) - 1, p_value, len(right), len(table)))
    return pd.DataFrame(rows, columns=columns)
