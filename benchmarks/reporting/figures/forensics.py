"""The walk from the released protocol to the standard one."""

from itertools import zip_longest
from textwrap import wrap

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from benchmarks.reporting.figures.legend import legend_of_models
from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.labels import MINUS, WALK, number

SPOKEN = ("dice", "hd95", "accuracy")  # metrics that its finding names


def draw_forensics(material: Material) -> Figure:
    """The number at each step of the walk from the released to the standard protocol, one panel a metric."""
    table, models = material.tables["forensics"], material.models
    metrics = [metric for metric in WALK if metric in set(table["metric"])]
    steps = [step for step in dict.fromkeys(table["step"]) if step != "whole"]
    shown = [model for model in models if model in set(table["model"])]
    rows = -(-len(metrics) // 2)
    figure, panels = plt.subplots(rows, 2, figsize=(10.4, 1.6 * rows + 1.5), sharex=True, squeeze=False)
    for axes, metric in zip_longest(panels.ravel(order="F"), metrics):
        if metric is None:
            axes.set_visible(False)
            continue
        for model in reversed(shown):
            look = material.looks[model]
            own = table[(table["model"] == model) & (table["metric"] == metric)].set_index("step")["mean"]
            style = {"color": look.colour, "linestyle": look.line, "marker": look.marker, "markersize": 4.5}
            axes.plot(range(len(steps)), own.reindex(steps), **style)
        axes.set_title(WALK[metric])
        axes.grid()
    for axes in panels[-1]:
        axes.set_xticks(range(len(steps)), [step if step == "released" else f"{MINUS}{step}" for step in steps])
    texts = table.drop_duplicates("step").set_index("step")["removed"]
    key = ";  ".join(f"{step} {texts[step]}" for step in steps[1:])
    panels[-1, 0].set_xlabel("\n".join(wrap(f"Without, one after the other: {key}", 150)), loc="left", fontsize=7)
    legend_of_models(figure, material.looks, shown)
    return figure


def forensics_finding(material: Material) -> str:
    """The mean over networks at both ends of the walk, and the step that moves it most."""
    table, texts = material.tables["forensics"], []
    for metric in (metric for metric in SPOKEN if metric in set(table["metric"])):
        means = (
            table[(table["metric"] == metric) & (table["step"] != "whole")].groupby("step", sort=False)["mean"].mean()
        )
        decimals, moved = 1 if metric in ("hd95", "asd") else 3, means.diff().abs()
        text = f"{WALK[metric]}, mean over networks: {number(means.iloc[0], decimals)} by the released protocol"
        if moved.max() > 0:
            text += f", {number(means.iloc[-1], decimals)} after the last step; most moves with {moved.idxmax()}"
        texts.append(f"{text}.")
    return " ".join(texts)
