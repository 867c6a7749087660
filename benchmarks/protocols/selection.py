"""Which epoch's network is scored. Rules choose the cases that decide; scores say what is maximised.

All three rules are followed in every training, so that each can be scored from one run.
"""

import numpy as np

RULES = ("inner_validation", "last_epoch", "test_oracle")
ORACLE_LABEL = "oracle: selected on the test fold"
DICE_WEIGHT, ACCURACY_WEIGHT = 0.7, 0.3  # released code: the epoch with the largest 0.7 Dice + 0.3 accuracy


def dice_from_counts(intersection: np.ndarray, predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Dice from pixel counts; 1 where both masks are empty."""
    total = np.asarray(predicted + truth, dtype=float)
    return np.divide(2.0 * intersection, total, out=np.ones_like(total), where=total > 0)


def combine(dice: float, accuracy: float) -> float:
    """0.7 Dice + 0.3 accuracy; a network with one head is judged by that head alone."""
    if np.isnan(dice):
        return float(accuracy)
    if np.isnan(accuracy):
        return float(dice)
    return float(DICE_WEIGHT * dice + ACCURACY_WEIGHT * accuracy)


def standard_score(counts: dict[str, np.ndarray], accuracy: float, generator: np.random.Generator) -> float:
    """Mean Dice over images, combined with accuracy."""
    dice = dice_from_counts(counts["intersection"], counts["predicted"], counts["truth"])
    return combine(dice.mean() if dice.size else np.nan, accuracy)


def released_score(counts: dict[str, np.ndarray], accuracy: float, generator: np.random.Generator) -> float:
    """The released script: Dice pooled over batches of two images in random order, both terms rounded."""
    order = generator.permutation(len(counts["intersection"]))
    pairs = [order[i : i + 2] for i in range(0, len(order), 2)]
    pooled = [dice_from_counts(*(counts[k][p].sum() for k in ("intersection", "predicted", "truth"))) for p in pairs]
    return combine(round(float(np.mean(pooled)), 3) if pooled else np.nan, round(accuracy, 3))


SCORES = {"standard": standard_score, "released": released_score}
