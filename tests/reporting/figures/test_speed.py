"""Growth with the number of cases: axes that can be read."""

import matplotlib.pyplot as plt
import pandas as pd

from benchmarks.reporting.figures.speed import draw_growth


def test_an_axis_without_a_power_of_ten_has_ticks_all_the_same():
    for memory, expected in (((0.15, 0.4), {"0.2", "0.4"}), ((0.1, 0.6), {"0.1", "0.2", "0.5"})):
        figure, axes = plt.subplots()
        growth = pd.DataFrame({"stage": ["score", "score"], "cases": ["100", "1000"], "memory": memory})
        draw_growth(axes, growth, "memory", "GiB")
        figure.canvas.draw()
        low, high = axes.get_ylim()
        shown = {
            label.get_text()
            for at, label in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)
            if low <= at <= high
        }
        assert shown >= expected
        plt.close(figure)
