import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks.reporting.figures.roc import mean_roc
from benchmarks.reporting.results import read_results


def test_area_under_the_drawn_curve_is_the_auc(made_up_once):
    results = read_results("made-up", made_up_once)
    own = results.selected("inner_validation").query("model == 'shared' and seed == 0")
    points = mean_roc(own)
    assert np.trapezoid(points["y"], points["x"]) == pytest.approx(roc_auc_score(own["label"], own["probability"]))
    assert mean_roc(own[own["label"] == 0]).empty
