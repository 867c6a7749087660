"""How fast each job is beside the conventional way, and how the stages grow, from `reports/speed.csv`."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from benchmarks.reporting.labels import number
from benchmarks.reporting.style import GREY, MARKERS, OKABE_ITO, say_none

GROWTH = r"^(?P<stage>\w+), (?P<cases>\d+) cases$"


def draw_speed(table: pd.DataFrame) -> Figure:
    """A row for each device of each machine, named: the jobs with a counterpart; seconds and memory of the stages.

    Args:
        table: `machine, device, job, ratio, seconds, memory`, and the least and most seconds of both sides.
    """
    places = list(table.groupby(["machine", "device"], sort=False))
    compared = [rows["ratio"].notna().sum() for _, rows in places]
    heights = [max(2.4, 0.2 * count + 0.9) for count in compared]
    figure, panels = plt.subplots(
        len(places), 3, figsize=(11, sum(heights)), squeeze=False, height_ratios=heights, width_ratios=[1.6, 1, 1]
    )
    for (_, rows), (left, middle, right) in zip(places, panels, strict=True):
        machine, device = rows[["machine", "device"]].iloc[0]
        draw_ratios(left, rows[rows["ratio"].notna()])
        left.set_title(machine if device == "cpu" else f"{device}\n{machine}")
        growth = rows["job"].str.extract(GROWTH).join(rows[["seconds", "memory"]]).dropna(subset="cases")
        draw_growth(middle, growth, "seconds", "seconds")
        draw_growth(right, growth, "memory", "memory (GiB at most)")
    return figure


def draw_ratios(axes: Axes, rows: pd.DataFrame) -> None:
    """How many times as fast ours is, from its slowest turn against the other's fastest to the contrary."""
    if rows.empty:
        say_none(axes, "nothing compared")
        return
    low, high = rows["conventional_minimum"] / rows["maximum"], rows["conventional_maximum"] / rows["minimum"]
    at = range(len(rows))
    colours = [OKABE_ITO["bfloat16" in job] for job in rows["job"]]
    axes.axvline(1, color=GREY, linewidth=0.8)
    axes.hlines(at, low, high, color=colours, linewidth=1.4)
    axes.scatter(rows["ratio"], at, c=colours, s=20, zorder=3)
    axes.set_xscale("log")
    axes.set_yticks(at, rows["job"])
    axes.set(xlabel="times as fast as the conventional way", ylim=(len(rows) - 0.5, -0.5))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(axis="x")


def draw_growth(axes: Axes, growth: pd.DataFrame, column: str, label: str) -> None:
    """One line for each stage over the number of cases, both axes logarithmic."""
    if growth[column].dropna().empty:
        say_none(axes, "growth not measured")
        return
    for place, (stage, rows) in enumerate(growth.groupby("stage", sort=False)):
        line = rows.assign(cases=rows["cases"].astype(int)).sort_values("cases")
        axes.plot(line["cases"], line[column], marker=MARKERS[place], color=OKABE_ITO[place], label=stage)
    axes.set(xscale="log", yscale="log", xlabel="cases", ylabel=label)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))  # a range may hold no power of ten
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())
    axes.grid()
    axes.legend()


def speed_finding(table: pd.DataFrame) -> str:
    """Of each device the least and the most that a job gains on the conventional way."""
    texts = []
    for (machine, device), rows in table.groupby(["machine", "device"], sort=False):  # ty: ignore[not-iterable]  # pandas: a group's key is a Hashable
        own = rows.dropna(subset="ratio")
        if own.empty:
            continue
        least, most = own.loc[own["ratio"].idxmin()], own.loc[own["ratio"].idxmax()]
        place = machine if device == "cpu" else device
        texts.append(
            f"{place}, {len(own)} jobs: {number(least['ratio'], 1)} times as fast as the conventional way "
            f"({least['job']}) to {number(most['ratio'], 1)} times ({most['job']})."
        )
    return " ".join(texts) or "Nothing was compared."
