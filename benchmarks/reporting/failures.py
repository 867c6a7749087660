"""How often a network fails outright, counted over its predictions."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks.scoring.classification import THRESHOLD
from benchmarks.statistics.estimates.auc import auc_with_variance

POOR_DICE = 0.5


def failures(scores: pd.DataFrame, dice: str) -> list[tuple[str, str]]:
    """What went wrong and how often, as texts; only of the heads that the network has.

    Args:
        scores: one model's case scores under one selection rule, a row per case and seed.
        dice: the column of Dice.
    """
    counts = []
    if scores[dice].notna().any():
        poor = scores[dice] < POOR_DICE
        counts.append(("Empty predictions", f"{scores['empty'].sum():.0f} of {len(scores)}"))
        counts.append((f"Dice below {POOR_DICE}", f"{poor.sum()} of {len(scores)} ({100 * poor.mean():.1f}%)"))
    if scores["probability"].notna().any():
        called = scores["probability"] > THRESHOLD
        for malignant, text in ((True, "Malignant called benign"), (False, "Benign called malignant")):
            of_class = (scores["label"] == 1) == malignant
            counts.append((text, f"{(called[of_class] != malignant).sum()} of {of_class.sum()}"))
    return counts


def doubts(scores: pd.DataFrame, truth: pd.DataFrame) -> list[str]:
    """What looks like a network that did not learn, a text each: masks all empty or all full, one probability for all
    cases of a run, an AUC below one half. `benchmarks/training/remarks.py` says the same after a training.

    Args:
        scores: one model's case scores under one selection rule, a row per case and seed.
        truth: of the benchmark, indexed by case; may be empty, then full masks are not told.
    """
    found: dict[str, list[str]] = {}
    for (seed, fold), rows in scores.groupby(["seed", "fold"]):  # ty: ignore[not-iterable]  # pandas: a key is a Hashable
        for text in run_doubts(rows, truth):
            found.setdefault(text, []).append(f"seed {seed} fold {fold}")
    for seed, rows in scores.groupby("seed"):
        probability, label = rows["probability"].to_numpy()[None], rows["label"].to_numpy()
        if not np.isnan(probability).any():
            areas, _ = auc_with_variance(probability, label, np.arange(len(rows)))
            if areas[0] < 0.5:
                found.setdefault("AUC below one half", []).append(f"seed {seed}")
    return [f"{text}: {', '.join(runs)}" for text, runs in found.items()]


def run_doubts(rows: pd.DataFrame, truth: pd.DataFrame) -> Iterator[str]:
    """Of the cases of one run. A full mask has Dice 2 a / (1 + a), where the lesion has the share a of the image."""
    dice = rows["dice"].to_numpy()
    if not np.isnan(dice).all():
        if (rows["empty"] == 1).all():
            yield "all masks are empty"
        area = truth["area"].reindex(rows["case"]).to_numpy() if len(truth) else np.full(len(rows), np.nan)
        if np.allclose(dice, 2 * area / (1 + area), rtol=1e-5, atol=1e-8):
            yield "all masks are full"
    probability = rows["probability"]
    if len(rows) > 1 and probability.notna().all() and probability.max() - probability.min() < 1e-6:
        yield "all probabilities are the same"
