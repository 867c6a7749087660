"""The class task against scikit-learn, and calibration against its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from benchmarks.errors import UserError
from benchmarks.scoring.classification import calibration_error, score

cases = st.lists(
    st.tuples(st.integers(0, 1), st.one_of(st.floats(0, 1), st.sampled_from([0, 0.1, 0.3, 0.5, 0.7, 1]))), min_size=1
)


@given(cases)
def test_equals_scikit_learn(rows):
    labels, probabilities = np.array([row[0] for row in rows]), np.array([row[1] for row in rows], float)
    called = probabilities > 0.5
    scores = score(labels, probabilities)
    both = 0 < labels.sum() < len(labels)
    keywords = {"zero_division": np.nan}
    expected = {
        "accuracy": metrics.accuracy_score(labels, called),
        "sensitivity": metrics.recall_score(labels, called, **keywords),
        "specificity": metrics.recall_score(labels, called, pos_label=0, **keywords),
        "precision": metrics.precision_score(labels, called, **keywords),
        "f1": metrics.f1_score(labels, called, **keywords),
        "brier": metrics.brier_score_loss(labels, probabilities, pos_label=1),
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, called) if both else np.nan,
        "auc": metrics.roc_auc_score(labels, probabilities) if both else np.nan,
        "average_precision": metrics.average_precision_score(labels, probabilities) if labels.any() else np.nan,
    }
    for metric, value in expected.items():
        assert scores[metric] == pytest.approx(value, abs=1e-12, nan_ok=True), metric


def test_ties_count_one_half():
    assert score([0, 1], [0.4, 0.4])["auc"] == 0.5
    assert score([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8])["auc"] == (1 + 0.5 + 1 + 1) / 4


def test_average_precision_is_no_interpolation():
    """Malignant cases in the first, third and fourth place."""
    assert score([1, 0, 1, 1, 0], [0.9, 0.8, 0.7, 0.6, 0.5])["average_precision"] == pytest.approx(
        (1 + 2 / 3 + 3 / 4) / 3
    )


def test_one_half_is_benign():
    assert score([1], [0.5])["accuracy"] == 0
    assert score([1], [np.nextafter(0.5, 1)])["accuracy"] == 1


def test_calibration_error_by_hand():
    # Bin 0: three cases, mean .05, none malignant. Bin 8: two cases, mean .85, one malignant.
    labels = np.array([0, 0, 0, 1, 0])
    probabilities = np.array([0.04, 0.05, 0.06, 0.8125, 0.8875])
    assert calibration_error(labels, probabilities) == pytest.approx(3 / 5 * 0.05 + 2 / 5 * 0.35)


def test_bins_are_closed_on_the_left():
    """Twenty cases in the bins on both sides of .3, and one on the edge: 1.4 / 20 more than if it fell below."""
    labels = np.array([0] * 9 + [1] * 11)
    probabilities = np.array([0.25] * 9 + [0.35] * 10 + [0.3])
    assert calibration_error(labels, probabilities) == pytest.approx((9 * 0.25 + 10 * 0.65 + 0.7) / 20)
    probabilities[-1] = np.nextafter(0.3, 0)
    assert calibration_error(labels, probabilities) == pytest.approx((9 * 0.25 - 0.7 + 10 * 0.65) / 20)


@given(cases)
def test_calibration_error_by_its_definition(rows):
    labels, probabilities = np.array([row[0] for row in rows]), np.array([row[1] for row in rows], float)
    expected = 0.0
    for bin_number in range(10):
        inside = (probabilities * 10 >= bin_number) & ((probabilities * 10 < bin_number + 1) | (bin_number == 9))
        if inside.any():
            expected += inside.mean() * abs(probabilities[inside].mean() - labels[inside].mean())
    assert calibration_error(labels, probabilities) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("labels", "probabilities", "message"),
    [
        ([], [], "at least one case"),
        ([0, 1], [0.5], "a label and a probability for each"),
        ([0, 2], [0.5, 0.5], "labels must be 0"),
        ([0, 1], [0.5, np.nan], r"must lie in \[0, 1\]"),
        ([0, 1], [0.5, 1.5], r"found 1.5"),
        ([0, 1], [-0.1, 0.5], r"found -0.1"),
    ],
)
def test_bad_input_is_refused(labels, probabilities, message):
    with pytest.raises(UserError, match=message):
        score(labels, probabilities)
