"""Means with their intervals, best first."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.figures.order import order_text
from benchmarks.reporting.labels import METRICS, with_interval
from benchmarks.reporting.style import say_none


def draw_ranking(material: Material) -> Figure:
    """Means with 95% intervals, best first: one panel for the outlines, one for the class task."""
    scores = material.tables["scores"]
    chosen = scores[scores["selection"] == material.selection]
    looks = material.looks
    metrics = [metric for metric in (material.dice, "auc") if metric in set(chosen["metric"])]
    rows = chosen[chosen["metric"].isin(metrics)].groupby("metric").size().max() if metrics else 1
    figure, panels = plt.subplots(1, max(1, len(metrics)), figsize=(9, 0.9 + 0.33 * rows), squeeze=False)
    for axes, metric in zip(panels[0], metrics, strict=False):
        table = chosen[chosen["metric"] == metric].sort_values("estimate", kind="stable", ignore_index=True)
        for place, row in table.iterrows():
            look = looks[row["model"]]
            axes.plot([row["low"], row["high"]], [place] * 2, color=look.colour, linewidth=1.6)
            axes.plot(row["estimate"], place, look.marker, color=look.colour, markersize=6)
        axes.set_yticks(range(len(table)), table["model"])
        axes.set(title=METRICS[metric].label, ylim=(-0.6, len(table) - 0.4))
        axes.grid(axis="x")
    if not metrics:
        say_none(panels[0, 0], "nothing to rank")
    return figure


def ranking_finding(material: Material) -> str:
    """Who leads in either task, with the interval, and who follows."""
    scores = material.tables["scores"]
    chosen, texts = scores[scores["selection"] == material.selection], []
    for metric in (metric for metric in (material.dice, "auc") if metric in set(chosen["metric"])):
        table = chosen[chosen["metric"] == metric].sort_values("estimate", ascending=False, kind="stable")
        best, kind = table.iloc[0], METRICS[metric]
        leads = with_interval(best["estimate"], best["low"], best["high"], kind.decimals)
        others = order_text(table.iloc[1:].set_index("model")["estimate"], kind.decimals)
        texts.append(f"{kind.label}: {best['model']} leads with {leads}; of the others {others}.")
    return " ".join(texts) or "There is nothing to rank."
