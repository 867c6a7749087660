"""How much budget is enough: Dice and AUC by image size and by share of the training cases."""

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.reporting.figures.legend import legend_of_models
from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.labels import METRICS, number
from benchmarks.reporting.style import Appearance

AXES = {"image_size": "side of the image, pixels", "share": "share of the training cases"}


def along(table: pd.DataFrame, axis: str) -> pd.DataFrame:
    """The rows of the points that differ from the benchmark itself along one axis alone, and its own."""
    own = table[table["difference"].isna()].iloc[0]
    others = [name for name in AXES if name != axis]
    return table[(table[others] == own[others]).all(axis=1)]


def drawn_axes(table: pd.DataFrame) -> list[str]:
    """The axes along which there is more than one point."""
    return [axis for axis in AXES if len(set(along(table, axis)[axis])) > 1]


def draw_learning_curve(material: Material) -> Figure | None:
    """A row of panels for Dice, one for AUC, a column for each axis; `None` where no axis has two points."""
    table = material.tables["learning_curve"]
    shown, metrics = drawn_axes(table), list(dict.fromkeys(table["metric"]))
    if not shown:
        return None
    size = (1.2 + 3.4 * len(shown), 0.7 + 2.5 * len(metrics))
    figure, panels = plt.subplots(len(metrics), len(shown), figsize=size, squeeze=False, sharey="row", sharex="col")
    looks = {model: look for model, look in material.looks.items() if model in set(table["model"])}
    for row, metric in zip(panels, metrics, strict=True):
        for axes, axis in zip(row, shown, strict=True):
            own = along(table[table["metric"] == metric], axis)
            for place, (model, look) in enumerate(looks.items()):
                draw_points(axes, own[own["model"] == model], axis, look, aside=place - (len(looks) - 1) / 2)
            axes.set_xscale("log", base=2)
            ticks = sorted(own[axis].unique())
            axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
            axes.minorticks_off()
            axes.grid(axis="y")
        row[0].set_title(METRICS[metric].label)
    for axes, axis in zip(panels[-1], shown, strict=True):
        axes.set_xlabel(AXES[axis])
    legend_of_models(figure, looks)
    return figure


def draw_points(axes: Axes, table: pd.DataFrame, axis: str, look: Appearance, aside: float) -> None:
    """One network's points with their intervals, a little aside of the other networks'."""
    table = table.sort_values(axis)
    style: dict[str, Any] = {"color": look.colour, "linestyle": look.line, "marker": look.marker, "markersize": 4.5}
    places = table[axis] * 2 ** (0.035 * aside)
    reach = [table["estimate"] - table["low"], table["high"] - table["estimate"]]
    axes.errorbar(places, table["estimate"], yerr=reach, elinewidth=0.8, capsize=2, **style)


def learning_curve_finding(material: Material) -> str:
    """Each network's numbers along each axis."""
    table, texts = material.tables["learning_curve"], []
    for metric, of_metric in table.groupby("metric", sort=False):
        label = METRICS[str(metric)].label
        for axis in drawn_axes(table):
            for model, own in along(of_metric, axis).groupby("model", sort=False):
                points = own.sort_values(axis)
                numbers = [number(value, METRICS[str(metric)].decimals) for value in points["estimate"]]
                at = ", ".join(f"{text} at {value:g}" for text, value in zip(numbers, points[axis], strict=True))
                texts.append(f"{label} of {model} by {AXES[axis]}: {at}.")
    return " ".join(texts)
