"""Classification metrics under weights, against scikit-learn with the same sample weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from benchmarks.statistics.estimates.classification import AT_SPECIFICITY, METRICS, weighted_metric
from benchmarks.statistics.estimates.metrics import estimate
from benchmarks.statistics.panel import arrange
from benchmarks.statistics.resampling import group_weights


def by_scikit_learn(metric: str, labels, probability, weight) -> float:
    called = probability > 0.5
    keywords = {"sample_weight": weight, "zero_division": np.nan}
    if metric in AT_SPECIFICITY:
        false_alarms, hits, _ = metrics.roc_curve(labels, probability, sample_weight=weight, drop_intermediate=False)
        return hits[1 - false_alarms >= AT_SPECIFICITY[metric] - 1e-9].max()
    if metric == "calibration_error":
        bins = np.minimum(np.floor(probability * 10), 9)
        return sum(
            weight[bins == b].sum() / weight.sum()
            * abs(np.average(probability[bins == b], weights=weight[bins == b])
                  - np.average(labels[bins == b], weights=weight[bins == b]))
            for b in np.unique(bins[weight > 0])
        )  # fmt: skip
    return {
        "auc": lambda: metrics.roc_auc_score(labels, probability, sample_weight=weight),
        "average_precision": lambda: metrics.average_precision_score(labels, probability, sample_weight=weight),
        "accuracy": lambda: metrics.accuracy_score(labels, called, sample_weight=weight),
        "balanced_accuracy": lambda: metrics.balanced_accuracy_score(labels, called, sample_weight=weight),
        "sensitivity": lambda: metrics.recall_score(labels, called, **keywords),
        "specificity": lambda: metrics.recall_score(labels, called, pos_label=0, **keywords),
        "precision": lambda: metrics.precision_score(labels, called, **keywords),
        "f1": lambda: metrics.f1_score(labels, called, **keywords),
        "brier": lambda: metrics.brier_score_loss(labels, probability, sample_weight=weight),
    }[metric]()


@pytest.mark.parametrize("metric", [*METRICS, *AT_SPECIFICITY])
@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 40))
def test_equals_scikit_learn(metric, seed, number):
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(number) % 2)
    probability = np.round(random.random((2, number)), int(random.integers(1, 4)))
    groups = random.integers(3, size=number) if number > 6 else np.arange(number)
    groups = np.unique(groups, return_inverse=True)[1]
    weights = 1.0 * random.integers(1, 4, size=(3, groups.max() + 1))
    found = weighted_metric(metric, probability, labels, groups, weights)
    for run, row in np.ndindex(2, 3):
        expected = by_scikit_learn(metric, labels, probability[run], weights[row][groups])
        assert found[run, row] == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_one_class_leaves_undefined_what_needs_both():
    probability, groups = np.array([[0.2, 0.7, 0.9]]), np.arange(3)
    found = {m: weighted_metric(m, probability, np.ones(3, int), groups, np.ones((1, 3)))[0, 0] for m in METRICS}
    assert {m for m, value in found.items() if np.isnan(value)} == {"auc", "balanced_accuracy", "specificity"}
    assert found["sensitivity"] == pytest.approx(2 / 3)
    assert found["precision"] == 1


def test_every_call_benign_has_no_precision():
    found = weighted_metric("precision", np.array([[0.1, 0.5]]), np.array([0, 1]), np.arange(2), np.ones((1, 2)))
    assert np.isnan(found).all()


def test_mean_over_cases_within_a_seed_then_over_seeds(cases):
    panel = arrange(cases, "inner_validation")
    weights = group_weights(panel.groups.max() + 1, 10, 0)
    by_seed = cases.query("model == 'joint'").groupby("seed")
    assert estimate(panel, "dice", weights)["joint"][0] == pytest.approx(by_seed["dice"].mean().mean())
    expected = np.mean([metrics.roc_auc_score(rows["label"], rows["probability"]) for _, rows in by_seed])
    assert estimate(panel, "auc", weights)["joint"][0] == pytest.approx(expected)
