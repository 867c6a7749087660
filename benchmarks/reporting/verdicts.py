"""The word for a paired difference, and the ranks that follow from such words."""

import pandas as pd

from benchmarks.reporting.labels import Metric

SURE, SAME = 0.05, 0.95  # p after Holm's correction; posterior probability of practical equivalence


def verdict_of(pair: pd.Series, kind: Metric) -> str:
    """The word for a paired difference, a minus b."""
    if pair["p_equivalent"] >= SAME:  # first: with many cases, a difference too small to matter has a low p
        return "equivalent"
    if pair["p_holm"] < SURE:
        return "better" if (pair["difference"] > 0) == kind.higher_is_better else "worse"
    return "undecided"


def ranks(models: list[str], pairs: pd.DataFrame, kind: Metric) -> dict[str, int]:
    """One more than the number of models that are better than a model; those with one rank are not told apart by it.

    Args:
        models: those that have the metric.
        pairs: every pair of them, corrected over all: `model_a, model_b, difference, p_holm, p_equivalent`.

    Returns:
        Empty where a pair was not tested.
    """
    among = pairs[pairs["model_a"].isin(models) & pairs["model_b"].isin(models)]
    if len(among) < len(models) * (len(models) - 1) // 2 or among[["p_holm", "p_equivalent"]].isna().any(axis=None):
        return {}
    better = dict.fromkeys(models, 0)
    for _, pair in among.iterrows():
        verdict = verdict_of(pair, kind)
        if verdict in ("better", "worse"):
            better[pair["model_b" if verdict == "better" else "model_a"]] += 1
    return {model: 1 + count for model, count in better.items()}
