"""What figures of all networks share: their legend, and the mark of those with a recipe of their own."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from benchmarks.reporting.recipes import OWN, marked_text
from benchmarks.reporting.style import NAMED, appearances


def legend_of_models(figure: Figure, shown: list[str], models: list[str] | None = None) -> None:
    """A legend below all panels of `shown`, who look as they do among `models`; one entry for all in the background."""
    models = models or shown
    looks = appearances(models)
    named = [model for model in models[:NAMED] if model in shown]
    labels = {model: model for model in named}
    if behind := [model for model in models[NAMED:] if model in shown]:
        labels[behind[0]] = f"{len(behind)} others"
    handles = [
        plt.Line2D(
            [],
            [],
            color=looks[model].colour,
            linestyle=looks[model].line,
            marker=looks[model].marker,
            markersize=4,
            label=label,
        )
        for model, label in labels.items()
    ]
    longest = max((len(label) for label in labels.values()), default=0)
    columns = int(figure.get_figwidth() / (0.7 + 0.08 * longest))
    columns = max(1, min(columns, len(handles)))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, handlelength=3.5)


def mark(figure: Figure, own: OWN) -> None:
    """Mark the models with a recipe of their own in every text of a figure: legends, titles, names at axes."""
    if not own:
        return
    for axes in figure.findobj(Axes):
        for axis in (axes.xaxis, axes.yaxis):
            names = [label.get_text() for label in axis.get_ticklabels()]
            if (texts := [marked_text(name, own) for name in names]) != names:
                axis.set_ticks(axis.get_ticklocs(), texts)
    for text in figure.findobj(Text):
        if (said := marked_text(text.get_text(), own)) != text.get_text():
            text.set_text(said)
