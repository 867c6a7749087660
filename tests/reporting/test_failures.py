"""What looks like a network that did not learn is told, from stored scores."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.reporting.failures import doubts

TRUTH = pd.DataFrame({"case": list("abcd"), "area": [0.1, 0.2, 0.05, 0.4]}).set_index("case")


def scores(**columns) -> pd.DataFrame:
    """Two runs of two cases each, one of either class, by a network that learned."""
    usual = {
        "case": list("abcd"),
        "label": [0, 1, 0, 1],
        "seed": 0,
        "fold": [0, 0, 1, 1],
        "dice": [0.8, 0.7, 0.9, 0.5],
        "empty": 0,
        "probability": [0.2, 0.9, 0.3, 0.6],
    }
    return pd.DataFrame(usual | columns)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({}, []),
        ({"dice": 0.0, "empty": 1}, ["all masks are empty: seed 0 fold 0, seed 0 fold 1"]),
        ({"dice": [0.8, 0.7, 0.0, 0.0], "empty": [0, 0, 1, 1]}, ["all masks are empty: seed 0 fold 1"]),
        # 2 a / (1 + a), to the six digits that are stored
        ({"dice": [0.181818, 0.333333, 0.0952381, 0.571429]}, ["all masks are full: seed 0 fold 0, seed 0 fold 1"]),
        ({"probability": 0.5}, ["all probabilities are the same: seed 0 fold 0, seed 0 fold 1"]),
        ({"probability": [0.9, 0.2, 0.6, 0.3]}, ["AUC below one half: seed 0"]),
        ({"probability": np.nan}, []),
        ({"dice": np.nan, "empty": np.nan}, []),
        ({"seed": [0, 0, 1, 1], "probability": [0.2, 0.9, 0.6, 0.3]}, ["AUC below one half: seed 1"]),
    ],
)
def test_doubts(columns, expected):
    assert doubts(scores(**columns), TRUTH) == expected


def test_without_truth_full_masks_are_not_told():
    assert doubts(scores(dice=[0.181818, 0.333333, 0.0952381, 0.571429]), TRUTH.iloc[:0]) == []
