import matplotlib.pyplot as plt
import pytest

from benchmarks.reporting.figures.differences import draw_differences
from benchmarks.reporting.figures.material import gather


@pytest.fixture(scope="module")
def material(finished_once):
    return gather("made-up", finished_once, finished_once / "reports/tables/made-up")


def test_differences_are_drawn_where_they_stand(material):
    table = material.tables["differences"]
    figure = draw_differences(material)
    panel = next(axes for axes in figure.axes if axes.get_title(loc="left") == "Dice")
    drawn = sorted(float(line.get_xdata()[0]) for line in panel.lines if len(line.get_xdata()) == 1)
    assert drawn == sorted(table.loc[table["metric"] == "dice", "difference"])
    plt.close(figure)
