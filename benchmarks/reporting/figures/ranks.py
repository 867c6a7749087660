"""Ranks: their means with the critical difference, and how often each network has each."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.figures.order import order_text
from benchmarks.reporting.labels import METRICS, number
from benchmarks.reporting.style import INK, NAMED
from benchmarks.reporting.wording import counted


def draw_critical_difference(material: Material) -> Figure | None:
    """Mean ranks on a line for each metric; a bar joins networks that Nemenyi's test does not tell apart.

    `None` where there are not two networks to compare.
    """
    table = material.tables["critical_difference"].dropna(subset="critical_difference")  # of a single network
    metrics = list(dict.fromkeys(table["metric"]))
    if not metrics:
        return None
    rows = table.groupby("metric").size().max()
    figure, panels = plt.subplots(len(metrics), 1, figsize=(8, len(metrics) * (1.3 + 0.15 * rows)), squeeze=False)
    for axes, metric in zip(panels[:, 0], metrics, strict=True):
        own = table[table["metric"] == metric].reset_index(drop=True)
        draw_ranks(axes, own, material.looks)
        label = METRICS[metric].label
        axes.set_title(f"{label}: mean rank over groups (1 is best), critical difference "
                       f"{own['critical_difference'][0]:.2f}")  # fmt: skip
    return figure


def draw_ranks(axes: Axes, table: pd.DataFrame, looks: dict) -> None:
    count, least = len(table), np.floor(table["mean_rank"].min())
    most = max(np.ceil(table["mean_rank"].max()), least + 1)
    of_each = [bars.split(";") for bars in table["bars"].fillna("")]
    bars = {bar for own in of_each for bar in own if bar}
    below = 0.45 - 0.2 * len(bars)  # where the names begin
    room = 0.45 * (most - least)  # for the last name
    axes.set(xlim=(least - 0.03 * (most - least), most + room), ylim=(below - 0.5 * count, 1.1), yticks=[])
    axes.xaxis.tick_top()
    axes.set_xticks(np.arange(least, most + 1))
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.spines["top"].set(visible=True, position=("data", 0.9))
    axes.spines["top"].set_bounds(least, most)
    for height, bar in enumerate(sorted(bars, key=float)):
        inside = table[[bar in own for own in of_each]]["mean_rank"]
        axes.plot([inside.min(), inside.max()], [0.62 - 0.2 * height] * 2, color=INK, linewidth=3, alpha=0.8)
    for place, (_, row) in enumerate(table.iterrows()):
        look, level = looks[row["model"]], below - 0.5 * place
        axes.plot([row["mean_rank"]] * 2, [0.9, level], color=look.colour, linewidth=0.9)
        axes.plot(row["mean_rank"], 0.9, look.marker, color=look.colour, markersize=6, clip_on=False)
        text = f"{row['model']}  {row['mean_rank']:.2f}"
        behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}  # no line strikes a name through
        axes.text(row["mean_rank"] + 0.02 * room, level, text, va="center", fontsize=8, bbox=behind)


def draw_rank_shares(material: Material) -> Figure | None:
    """How often each network has each rank on resampled patients: a dot's area is the share.

    `None` where there are not two networks to rank.
    """
    table, looks = material.tables["rank_shares"], material.looks
    counts = table.groupby("metric", sort=False)["rank"].max()
    metrics, count = list(counts.index[counts > 1]), counts.max()
    if not metrics:
        return None
    shape = (len(metrics), 1) if count > NAMED else (1, len(metrics))
    names = 0.08 * table["model"].str.len().max()
    size = (shape[1] * (0.7 + names + max(1.2, 0.17 * count)), shape[0] * (0.9 + 0.19 * count))
    figure, panels = plt.subplots(*shape, figsize=size, squeeze=False)
    for axes, metric in zip(panels.flat, metrics, strict=True):
        own = table[table["metric"] == metric]
        wide = own.pivot_table(index="model", columns="rank", values="share")
        wide = wide.loc[(wide * wide.columns).sum(axis=1).sort_values(kind="stable").index]
        for place, (model, shares) in enumerate(wide.iterrows()):
            held = shares[shares > 0]
            axes.scatter(held.index, [place] * len(held), s=110 * held, color=looks[model].colour)
        axes.set_yticks(range(len(wide)), wide.index)
        axes.set(title=metric_label(metric), xlabel="rank")
        axes.set(xlim=(0.2, len(wide) + 0.8), ylim=(len(wide) - 0.4, -0.6))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid()
    return figure


def metric_label(metric: str) -> str:
    return METRICS[metric].label if metric in METRICS else "Both tasks"


def critical_difference_finding(material: Material) -> str:
    """The best and the worst mean ranks, the critical difference, and how many share a bar with the best."""
    table, texts = material.tables["critical_difference"].dropna(subset="critical_difference"), []
    for metric, own in table.groupby("metric", sort=False):
        ranks = own.set_index("model")["mean_rank"]
        of_each = [set(bars.split(";")) - {""} for bars in own["bars"].fillna("")]
        of_best = of_each[int(ranks.to_numpy().argmin())]
        level = max(0, sum(bool(bars & of_best) for bars in of_each) - 1)
        joined = counted(level, "other") if level else "none"
        texts.append(
            f"{metric_label(str(metric))}, mean rank: {order_text(ranks, 2, ascending=True)}; critical difference "
            f"{number(own['critical_difference'].iloc[0], 2)}, which joins {joined} "
            f"with {ranks.idxmin()}."
        )
    return " ".join(texts)


def rank_shares_finding(material: Material) -> str:
    """In how many resamples each network is first."""
    table, texts = material.tables["rank_shares"], []
    for metric, own in table.groupby("metric", sort=False):
        if own["rank"].max() > 1:
            first = own[own["rank"] == 1].set_index("model")["share"]
            label = metric_label(str(metric))
            texts.append(f"{label}, share of resamples in which a network is first: {order_text(first)}.")
    return " ".join(texts)
