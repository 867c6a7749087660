"""Whether probabilities mean what they say."""

from itertools import zip_longest
from textwrap import fill

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.figures.order import order_text
from benchmarks.reporting.style import NAMED, PALE


def draw_reliability(material: Material) -> Figure:
    """Share of malignant cases against the mean probability of each bin, with 95% intervals, a panel a network."""
    table, models = material.tables["reliability"], material.models
    shown = [model for model in models if model in set(table["model"])][:NAMED]
    rows = -(-len(shown) // 5)
    columns = -(-len(shown) // rows)
    size = (1.9 * columns + 0.4, 1.9 * rows + 0.4)
    figure, panels = plt.subplots(rows, columns, figsize=size, sharex=True, sharey=True, squeeze=False)
    for axes, model in zip_longest(panels.ravel(), shown):
        if model is None:
            axes.set_visible(False)
            continue
        own, look = table[table["model"] == model], material.looks[model]
        axes.plot([0, 1], [0, 1], color=PALE, linewidth=1, zorder=0)
        axes.vlines(own["mean_probability"], own["low"], own["high"], color=look.colour, linewidth=1.2)
        axes.plot(own["mean_probability"], own["share_malignant"], look.marker, color=look.colour, markersize=4)
        axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), aspect="equal")
        axes.set_title(fill(model, 22), fontsize=8)
    figure.supxlabel("predicted probability of malignant", fontsize=8.5)
    figure.supylabel("share malignant", fontsize=8.5)
    return figure


def reliability_finding(material: Material) -> str:
    """How far each network's worst bin lies from the diagonal."""
    table = material.tables["reliability"]
    shown = [model for model in material.models if model in set(table["model"])][:NAMED]
    own = table[table["model"].isin(shown)]
    gaps = (own["share_malignant"] - own["mean_probability"]).abs().groupby(own["model"]).max()
    return (
        "Largest gap of a bin between the mean probability of malignant and the share malignant: "
        f"{order_text(gaps, ascending=True)}."
    )
