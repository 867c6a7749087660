import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from benchmarks.reporting.figures.contact_sheet import chosen_cases, draw_contact_sheet
from benchmarks.reporting.figures.material import gather


@pytest.fixture(scope="module")
def material(finished_once):
    return gather("made-up", finished_once, finished_once / "reports/tables/made-up")


def test_contact_sheet_takes_the_extremes_by_mean_dice():
    cases = pd.DataFrame({"case": [f"c{i:02}" for i in range(20)] * 2, "dice": [*np.linspace(0, 1, 20)] * 2})
    chosen = chosen_cases(cases.sample(frac=1, random_state=0), "dice")
    assert chosen["worst"] == ["c00", "c01", "c02"]
    assert chosen["best"] == ["c17", "c18", "c19"]
    assert chosen["median"] == ["c08", "c09", "c10"]
    assert chosen_cases(cases[cases["case"] < "c02"], "dice") == {"median": ["c00", "c01"]}


def test_contact_sheet_has_a_row_for_each_model_that_segments(material):
    figure = draw_contact_sheet(material)
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert [label for label in labels if label] == ["acsnet", "shared", "unet"]
    plt.close(figure)
