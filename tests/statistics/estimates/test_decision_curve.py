"""Net benefit from counts by scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from benchmarks.errors import UserError
from benchmarks.statistics.estimates.decision_curve import decision_curve

RULE = "inner_validation"


def test_equals_vickers_formula_on_counts(cases):
    table = decision_curve(cases, RULE, thresholds=[0.1, 0.25, 0.5], resamples=100)
    rows = cases.query("model == 'joint'")
    for row in table.query("model == 'joint'").itertuples():
        odds = row.threshold / (1 - row.threshold)
        _, false_alarms, _, hits = confusion_matrix(rows["label"], rows["probability"] >= row.threshold).ravel()
        assert row.net_benefit == pytest.approx(hits / 80 - false_alarms / 80 * odds)
        prevalence = rows["label"].mean()
        assert row.treat_all == pytest.approx(prevalence - (1 - prevalence) * odds)
        assert row.gain == pytest.approx(row.net_benefit - max(row.treat_all, 0))
        assert row.low <= row.net_benefit <= row.high


def test_extremes(cases):
    table = decision_curve(cases, RULE, thresholds=[0.0], resamples=20)
    np.testing.assert_allclose(table["net_benefit"], cases["label"].mean())
    perfect = decision_curve(cases.assign(probability=cases["label"]), RULE, resamples=20)
    np.testing.assert_allclose(perfect["net_benefit"], cases["label"].mean())
    assert len(perfect) == 3 * 49 + 49, "all four models have probabilities now"


def test_refuses_certainty(cases):
    with pytest.raises(UserError, match="at least 0 and less than 1"):
        decision_curve(cases, RULE, thresholds=[1.0])
