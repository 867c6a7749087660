"""How metrics and selection rules are called and written wherever a reader meets them."""

import math
from dataclasses import dataclass

import pandas as pd

MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"


@dataclass(frozen=True)
class Metric:
    """A column of the score tables: its heading, digits, and which direction is better."""

    label: str
    decimals: int = 3
    higher_is_better: bool = True

    @property
    def heading(self) -> str:
        return f"{self.label} {'↑' if self.higher_is_better else '↓'}"


STANDARD_SEGMENTATION = {
    "dice": Metric("Dice"),
    "iou": Metric("IoU"),
    "hd95": Metric("HD95 (px)", 1, False),
    "hd95_larger_side": Metric("HD95, larger side (px)", 1, False),
    "assd": Metric("ASSD (px)", 1, False),
    "nsd": Metric("NSD"),
    "empty": Metric("Empty share", 3, False),
}
RELEASED_SEGMENTATION = {
    "released_dice": Metric("Dice (released)"),
    "released_jaccard": Metric("Jaccard (released)"),
    "released_hd95": Metric("HD95 (released)", 2, False),
    "released_asd": Metric("ASD (released)", 2, False),
}
CLASSIFICATION = {
    "auc": Metric("AUC"),
    "average_precision": Metric("Average precision"),
    "accuracy": Metric("Accuracy"),
    "balanced_accuracy": Metric("Balanced accuracy"),
    "sensitivity": Metric("Sensitivity"),
    "specificity": Metric("Specificity"),
    "precision": Metric("Precision"),
    "f1": Metric("F1"),
    "brier": Metric("Brier", 3, False),
    "calibration_error": Metric("Calibration error", 3, False),
}
METRICS = STANDARD_SEGMENTATION | RELEASED_SEGMENTATION | CLASSIFICATION

SELECTION_RULES = {
    "inner_validation": "best epoch on the inner validation set",
    "last_epoch": "last epoch",
    "test_oracle": "oracle: selected on the test fold",
}
WALK = {  # metrics of the walk between protocols
    "dice": "Dice",
    "jaccard": "Jaccard",
    "hd95": "HD95 (px)",
    "asd": "ASD, then ASSD (px)",
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
}
ALL_CASES, *LEAKAGE = ("all cases", "a copy in training", "no copy in training", "difference of the two")
GENERATED = "phantom"  # the dataset that is made here: its results are not in git
EXTERNAL = "external_"  # begins the names of models whose predictions were submitted: docs/submit-predictions.md


def is_external(model: str) -> bool:
    """Whether a model's predictions come from elsewhere."""
    return model.startswith(EXTERNAL)


def selection_note(rule: str, model: str) -> str:
    """How a model's epoch was selected where a table stands under a selection rule."""
    return "external: selected by its authors" if is_external(model) else SELECTION_RULES[rule]


def counterpart(differences: pd.DataFrame) -> str:
    """The model that all others were compared with, in words."""
    names = differences["model_b"].unique()
    return names[0] if len(names) == 1 else "its reference"


def segmentation_metrics(scoring: str) -> dict[str, Metric]:
    """The segmentation metrics of a benchmark with `standard` or `released` scoring."""
    return RELEASED_SEGMENTATION if scoring == "released" else STANDARD_SEGMENTATION


def dice_of(scoring: str) -> str:
    """The column of a benchmark's Dice."""
    return "released_dice" if scoring == "released" else "dice"


def number(value: float, decimals: int) -> str:
    """A number with fixed decimals and a true minus sign, or a dash where there is none."""
    if value is None or math.isnan(value):
        return DASH
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def with_interval(estimate: float, low: float, high: float, decimals: int) -> str:
    """`0.812 [0.790, 0.833]`; without the interval where that is not defined; a dash where there is no estimate."""
    if math.isnan(estimate):
        return DASH
    if math.isnan(low) or math.isnan(high):
        return number(estimate, decimals)
    return f"{number(estimate, decimals)} [{number(low, decimals)}, {number(high, decimals)}]"


def p_value_text(p: float) -> str:
    if math.isnan(p):
        return DASH
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
