import matplotlib.pyplot as plt
import pytest

from benchmarks.reporting.figures.material import gather
from benchmarks.reporting.figures.training_curves import draw_network


@pytest.fixture(scope="module")
def material(finished_once):
    return gather("made-up", finished_once, finished_once / "reports/tables/made-up")


def test_a_network_without_a_head_says_so(material):
    figure = draw_network(material, "resnet")
    assert [text.get_text() for text in figure.axes[0].texts] == ["not logged"]
    assert figure.axes[1].lines
    plt.close(figure)
