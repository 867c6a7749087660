"""How often a network fails outright, counted over its predictions."""

import pandas as pd

from benchmarks.scoring.classification import THRESHOLD

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
