"""Sensitivity at fixed specificity, against scikit-learn's ROC curve."""

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from benchmarks.statistics.estimates.operating_points import sensitivity_at_specificity

RULE = "inner_validation"


def test_equals_scikit_learn(made):
    cases = made(number=120, groups=80)
    table = sensitivity_at_specificity(cases, RULE, resamples=100)
    assert len(table) == 3 * 2
    for row in table.itertuples():
        best = []
        for _, of_seed in cases[cases["model"] == row.model].groupby("seed"):
            alarms, hits, _ = roc_curve(of_seed["label"], of_seed["probability"], drop_intermediate=False)
            best.append(hits[1 - alarms >= row.specificity - 1e-9].max())
        assert row.sensitivity == pytest.approx(np.mean(best))
        assert row.low <= row.sensitivity <= row.high


def test_separated_classes_and_one_class(cases):
    apart = cases.assign(probability=0.2 + 0.6 * cases["label"])
    assert (sensitivity_at_specificity(apart, RULE, resamples=20)["sensitivity"] == 1).all()
    blind = cases.assign(probability=0.5)
    assert (sensitivity_at_specificity(blind, RULE, resamples=20)["sensitivity"] == 0).all()
    one_class = sensitivity_at_specificity(cases[cases["label"] == 0], RULE, resamples=20)
    assert one_class["sensitivity"].isna().all()
    assert set(one_class["method"]) == {"none: undefined"}
    only_malignant = sensitivity_at_specificity(cases[cases["label"] == 1], RULE, resamples=20)
    assert only_malignant["sensitivity"].isna().all()
