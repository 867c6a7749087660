"""The legend that figures of all networks share."""

from collections.abc import Collection

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from benchmarks.reporting.style import BACKGROUND, Appearance


def legend_of_models(figure: Figure, looks: dict[str, Appearance], shown: Collection[str] | None = None) -> None:
    """A legend below all panels of the models `shown`, all by default; one entry for all in the background."""
    own = [model for model in looks if shown is None or model in shown]
    labels = {model: model for model in own if looks[model].colour != BACKGROUND}
    if behind := [model for model in own if model not in labels]:
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
