"""The legend that figures of all networks share."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

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
