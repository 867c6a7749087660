"""After a training, what looks like a network that did not learn is told."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks.scoring.run_length import encode
from benchmarks.training.remarks import auc, remarks

LABELS = pd.Series([0, 1, 0, 1], index=list("abcd"))
SOME = encode(np.eye(4, dtype=bool))


def predictions(**columns) -> pd.DataFrame:
    usual = {
        "selection": "last_epoch",
        "seed": 0,
        "fold": [0, 0, 1, 1],
        "case": list("abcd"),
        "probability": [0.2, 0.9, 0.3, 0.6],
        "height": 4,
        "width": 4,
        "mask": SOME,
    }
    return pd.DataFrame(usual | columns)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({}, []),
        ({"mask": encode(np.zeros((4, 4), bool))}, [f"seed 0, fold {fold}: all 2 masks are empty" for fold in (0, 1)]),
        ({"mask": [SOME, SOME, *2 * [encode(np.ones((4, 4), bool))]]}, ["seed 0, fold 1: all 2 masks are full"]),
        ({"probability": [0.2, 0.9, 0.55, 0.55]}, ["seed 0, fold 1: all 2 probabilities are 0.550"]),
        (
            {"probability": [0.9, 0.2, 0.3, 0.6]},
            ["seed 0: AUC 0.250 is below one half, worse than a guess"],
        ),
        ({"probability": np.nan}, []),
        ({"mask": None}, []),
        ({"selection": "test_oracle", "probability": 0.5}, []),
    ],
)
def test_remarks(columns, expected):
    assert remarks(predictions(**columns), LABELS, "last_epoch") == expected


def test_auc_is_scikit_learns():
    generator = np.random.default_rng(0)
    for _ in range(20):
        labels, probabilities = generator.integers(0, 2, 30), generator.integers(0, 9, 30) / 9
        assert auc(probabilities, labels) == pytest.approx(roc_auc_score(labels, probabilities), abs=1e-12)
    assert np.isnan(auc(np.ones(3), np.ones(3)))
