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


def standard_score(counts: dict[str, np.ndarray] | None, accuracy: float, generator: np.random.Generator) -> float:
    """Mean Dice over images (`counts`: intersection, predicted, truth, in pixels), combined with accuracy."""
    if counts is None:
        return combine(np.nan, accuracy)
    return combine(dice_from_counts(**counts).mean(), accuracy)


def released_score(counts: dict[str, np.ndarray] | None, accuracy: float, generator: np.random.Generator) -> float:
    """The released script: Dice pooled over batches of two images in random order, both terms rounded."""
    if counts is None:
        return combine(np.nan, round(accuracy, 3))
    order = generator.permutation(len(counts["truth"]))
    batches = [order[i : i + 2] for i in range(0, len(order), 2)]
    pooled = [dice_from_counts(**{name: pixels[batch].sum() for name, pixels in counts.items()}) for batch in batches]
    return combine(round(float(np.mean(pooled)), 3), round(accuracy, 3))


SCORES = {"standard": standard_score, "released": released_score}
