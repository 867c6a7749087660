import matplotlib.pyplot as plt

from benchmarks.reporting.figures.legend import legend_of_models
from benchmarks.reporting.style import appearances, apply_style


def test_a_legend_names_ten_and_counts_the_others_within_the_figure():
    apply_style()
    models = [f"a_network_with_a_long_name_{i}" for i in range(26)]
    figure, _ = plt.subplots(figsize=(6, 4))
    legend_of_models(figure, appearances(models))
    legend = figure.legends[0]
    assert [text.get_text() for text in legend.texts] == [*models[:10], "16 others"]
    figure.draw_without_rendering()
    box = legend.get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width
    plt.close(figure)
