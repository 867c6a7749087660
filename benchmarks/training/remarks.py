"""What is odd about a cell's predictions, a line each: nobody should have to find it in a table."""

from collections.abc import Iterator

import numpy as np
import pandas as pd


def remarks(predictions: pd.DataFrame, labels: pd.Series, rule: str) -> list[str]:
    """What looks like a network that did not learn, under a benchmark's own selection rule; empty where nothing does.

    Args:
        predictions: of a cell, as docs/contracts.md has them.
        labels: of each case, 1 for malignant, indexed by case.
        rule: the selection rule.
    """
    chosen = predictions[predictions["selection"] == rule]
    found = []
    for (seed, fold), rows in chosen.groupby(["seed", "fold"]):
        found += [f"seed {seed}, fold {fold}: {line}" for line in run_remarks(rows)]
    for seed, rows in chosen.groupby("seed"):
        area = auc(rows["probability"].to_numpy(), labels.reindex(rows["case"]).to_numpy())
        if area < 0.5:
            found.append(f"seed {seed}: AUC {area:.3f} is below one half, worse than a guess")
    return found


def run_remarks(rows: pd.DataFrame) -> Iterator[str]:
    """Of a run: its masks are all empty or all full, or its probabilities all the same."""
    masks = rows["mask"].dropna()
    pixels = (rows["height"] * rows["width"]).loc[masks.index]
    if len(masks):
        if (masks == pixels.astype(str)).all():
            yield f"all {len(masks)} masks are empty"
        if (masks == "0 " + pixels.astype(str)).all():
            yield f"all {len(masks)} masks are full"
    probabilities = rows["probability"].dropna()
    if len(probabilities) > 1 and np.ptp(probabilities.to_numpy()) < 1e-6:
        yield f"all {len(probabilities)} probabilities are {probabilities.iloc[0]:.3f}"


def auc(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The share of pairs of a malignant and a benign case in which the malignant one has the higher probability, a tie
    counting half (Mann and Whitney); NaN without a pair or where a probability is missing."""
    positive, count = labels == 1, len(labels)
    pairs = positive.sum() * (count - positive.sum())
    if not pairs or np.isnan(probabilities).any():
        return float("nan")
    ranks = pd.Series(probabilities).rank().to_numpy()
    return float((ranks[positive].sum() - positive.sum() * (positive.sum() + 1) / 2) / pairs)
