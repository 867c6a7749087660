import dataclasses

import numpy as np
import pandas as pd
import pytest

from benchmarks.errors import UserError
from benchmarks.reporting.figures.material import gather, in_drawing_order
from benchmarks.reporting.results import read_results


def test_models_stand_as_they_are_unless_there_are_too_many(made_up_once):
    results = read_results("made-up", made_up_once)
    assert in_drawing_order(results, "inner_validation", "dice").models == results.models
    cases = pd.DataFrame({"model": [f"m{i:02}" for i in range(12)], "dice": [0.1, *np.linspace(0, 1, 11)]})
    many = dataclasses.replace(results, models=list(cases["model"]), cases=cases.assign(selection="last_epoch"))
    expected = ["m00", *(f"m{i:02}" for i in range(11, 0, -1))]
    assert in_drawing_order(many, "last_epoch", "dice").models == expected


def test_figures_without_tables_say_how_to_make_them(made_up):
    with pytest.raises(UserError, match=r"acsbench tables made-up"):
        gather("made-up", made_up, made_up / "reports/tables/made-up")
