"""The figures of the statistics: rankings, profiles, strata, reliability, decision curve, protocol walk, leakage."""

from collections.abc import Callable
from itertools import zip_longest
from textwrap import wrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.reporting.figures.scores import CROWD, legend_of_models, say_none
from benchmarks.reporting.labels import METRICS, MINUS
from benchmarks.reporting.style import GREY, INK, NAMED, PALE, appearances
from benchmarks.reporting.tables.leakage import SUBSETS

WALK_LABELS = {
    "dice": "Dice",
    "jaccard": "Jaccard",
    "hd95": "HD95 (px)",
    "asd": "ASD, then ASSD (px)",
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
}


def draw_ranking(scores: pd.DataFrame, selection: str, dice: str, models: list[str]) -> Figure:
    """Means with 95% intervals, best first: one panel for the outlines, one for the class task."""
    chosen = scores[scores["selection"] == selection]
    looks = appearances(models)
    metrics = [metric for metric in (dice, "auc") if metric in set(chosen["metric"])]
    rows = chosen[chosen["metric"].isin(metrics)].groupby("metric").size().max() if metrics else 1
    figure, panels = plt.subplots(1, max(1, len(metrics)), figsize=(9, 0.9 + 0.33 * rows), squeeze=False)
    for axes, metric in zip(panels[0], metrics, strict=False):
        table = chosen[chosen["metric"] == metric].sort_values("estimate", kind="stable", ignore_index=True)
        for place, row in table.iterrows():
            look = looks[row["model"]]
            axes.plot([row["low"], row["high"]], [place] * 2, color=look.colour, linewidth=2.2, alpha=0.6)
            axes.plot(row["estimate"], place, look.marker, color=look.colour, markersize=6)
        axes.set_yticks(range(len(table)), table["model"])
        axes.set(title=METRICS[metric].label, ylim=(-0.6, len(table) - 0.4))
        axes.grid(axis="x")
    if not metrics:
        say_none(panels[0, 0], "nothing to rank")
    return figure


def draw_critical_difference(table: pd.DataFrame, models: list[str]) -> Figure | None:
    """Mean ranks on a line for each metric; a bar joins networks that Nemenyi's test does not tell apart.

    `None` where there are not two networks to compare.
    """
    table = table.dropna(subset="critical_difference")  # of a single network
    metrics = list(dict.fromkeys(table["metric"]))
    if not metrics:
        return None
    rows = table.groupby("metric").size().max()
    figure, panels = plt.subplots(len(metrics), 1, figsize=(8, len(metrics) * (1.3 + 0.15 * rows)), squeeze=False)
    for axes, metric in zip(panels[:, 0], metrics, strict=True):
        own = table[table["metric"] == metric].reset_index(drop=True)
        draw_ranks(axes, own, appearances(models))
        label = METRICS[metric].label
        axes.set_title(f"{label}: mean rank over groups (1 is best), critical difference "
                       f"{own['critical_difference'][0]:.2f}")  # fmt: skip
    return figure


def draw_ranks(axes: Axes, table: pd.DataFrame, looks: dict) -> None:
    count, least = len(table), np.floor(table["mean_rank"].min())
    most = max(np.ceil(table["mean_rank"].max()), least + 1)
    bars = {bar for bars in table["bars"].astype(str) for bar in bars.split(";") if bar and bar != "nan"}
    below = 0.45 - 0.2 * len(bars)  # where the names begin
    room = 0.45 * (most - least)  # for the last name
    axes.set(xlim=(least - 0.03 * (most - least), most + room), ylim=(below - 0.5 * count, 1.1), yticks=[])
    axes.xaxis.tick_top()
    axes.set_xticks(np.arange(least, most + 1))
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.spines["top"].set(visible=True, position=("data", 0.9))
    axes.spines["top"].set_bounds(least, most)
    for height, bar in enumerate(sorted(bars, key=float)):
        inside = table[[bar in str(bars).split(";") for bars in table["bars"]]]["mean_rank"]
        axes.plot([inside.min(), inside.max()], [0.62 - 0.2 * height] * 2, color=INK, linewidth=3, alpha=0.8)
    for place, row in table.iterrows():
        look, level = looks[row["model"]], below - 0.5 * place
        axes.plot([row["mean_rank"]] * 2, [0.9, level], color=look.colour, linewidth=0.9)
        axes.plot(row["mean_rank"], 0.9, look.marker, color=look.colour, markersize=6, clip_on=False)
        text = f"{row['model']}  {row['mean_rank']:.2f}"
        behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}  # no line strikes a name through
        axes.text(row["mean_rank"] + 0.02 * room, level, text, va="center", fontsize=8, bbox=behind)


def draw_profiles(table: pd.DataFrame, models: list[str]) -> Figure:
    """Share of cases that reach each Dice; of a few networks with pointwise 95% bands."""
    figure, axes = plt.subplots(figsize=(6.8, 3.8))
    for model, look in appearances(models).items():
        own = table[table["model"] == model]
        if not own.empty:
            axes.plot(own["threshold"], own["share"], color=look.colour, linestyle=look.line)
        if not own.empty and len(models) <= CROWD:
            axes.fill_between(own["threshold"], own["low"], own["high"], color=look.colour, alpha=0.10, linewidth=0)
    axes.set(
        title="Share of cases that reach a Dice", xlabel="Dice", ylabel="share of cases", xlim=(0, 1), ylim=(0, 1.02)
    )
    axes.grid()
    legend_of_models(figure, [model for model in models if model in set(table["model"])], models)
    return figure


def draw_strata(table: pd.DataFrame, models: list[str]) -> Figure:
    """Mean and interval of each network within strata of size and class."""
    table = table[table["by"].isin(["size", "class"])]
    strata = list(dict.fromkeys(table["stratum"]))
    shown = [model for model in models if model in set(table["model"])][:NAMED]
    figure, axes = plt.subplots(figsize=(8.4, 3.6))
    for place, model in enumerate(shown):
        look, own = appearances(models)[model], table[table["model"] == model].set_index("stratum").reindex(strata)
        at = np.arange(len(strata)) + 0.7 * ((place + 0.5) / len(shown) - 0.5)
        axes.vlines(at, own["low"], own["high"], color=look.colour, linewidth=1.8, alpha=0.6)
        axes.plot(at, own["estimate"], look.marker, color=look.colour, markersize=5)
    counts = table.groupby("stratum")["cases"].first()
    axes.set_xticks(range(len(strata)), [f"{stratum}\n{counts[stratum]} cases" for stratum in strata])
    axes.set(title=f"{METRICS[table['metric'].iloc[0]].label} by lesion size (share of the image) and class")
    axes.grid(axis="y")
    legend_of_models(figure, shown, models)
    return figure


def draw_decision_curve(table: pd.DataFrame, models: list[str]) -> Figure:
    """Net benefit at each threshold probability, beside acting on every case and on none."""
    figure, axes = plt.subplots(figsize=(6.8, 3.8))
    everyone = table.drop_duplicates("threshold")
    axes.plot(everyone["threshold"], everyone["treat_all"], color=GREY, linewidth=1, label="all")
    axes.axhline(0, color=PALE, linewidth=1)
    for model, look in appearances(models).items():
        own = table[table["model"] == model]
        axes.plot(own["threshold"], own["net_benefit"], color=look.colour, linestyle=look.line)
    top = max(table["net_benefit"].max(), table["treat_all"].max())
    axes.set(title="Decision curve", xlabel="threshold probability", ylabel="net benefit", ylim=(-0.1, top * 1.05))
    axes.text(0.99, 0.005, "act on none", ha="right", va="bottom", color=GREY, fontsize=7.5)
    axes.text(0.02, everyone["treat_all"].iloc[0] + 0.01, "act on all", color=GREY, fontsize=7.5)
    axes.grid()
    legend_of_models(figure, [model for model in models if model in set(table["model"])], models)
    return figure


def draw_forensics(table: pd.DataFrame, models: list[str]) -> Figure:
    """The number at each step of the walk from the released to the standard protocol, one panel a metric."""
    metrics = [metric for metric in WALK_LABELS if metric in set(table["metric"])]
    steps = [step for step in dict.fromkeys(table["step"]) if step != "whole"]
    shown = [model for model in models if model in set(table["model"])]
    rows = -(-len(metrics) // 2)
    figure, panels = plt.subplots(rows, 2, figsize=(10.4, 1.6 * rows + 1.5), sharex=True, squeeze=False)
    for axes, metric in zip_longest(panels.ravel(order="F"), metrics):
        if metric is None:
            axes.set_visible(False)
            continue
        for model in reversed(shown):
            look = appearances(models)[model]
            own = table[(table["model"] == model) & (table["metric"] == metric)].set_index("step")["mean"]
            style = {"color": look.colour, "linestyle": look.line, "marker": look.marker, "markersize": 4.5}
            axes.plot(range(len(steps)), own.reindex(steps), **style)
        axes.set_title(WALK_LABELS[metric])
        axes.grid()
    for axes in panels[-1]:
        axes.set_xticks(range(len(steps)), [step if step == "released" else f"{MINUS}{step}" for step in steps])
    texts = table.drop_duplicates("step").set_index("step")["removed"]
    key = ";  ".join(f"{step} {texts[step]}" for step in steps[1:])
    panels[-1, 0].set_xlabel("\n".join(wrap(f"Without, one after the other: {key}", 150)), loc="left", fontsize=7)
    legend_of_models(figure, shown, models)
    return figure


def draw_reliability(table: pd.DataFrame, models: list[str]) -> Figure:
    """Share of malignant cases against the mean probability of each bin, with 95% intervals, a panel a network."""
    shown = [model for model in models if model in set(table["model"])][:NAMED]
    rows = -(-len(shown) // 5)
    columns = -(-len(shown) // rows)
    size = (1.9 * columns + 0.4, 1.9 * rows + 0.4)
    figure, panels = plt.subplots(rows, columns, figsize=size, sharex=True, sharey=True, squeeze=False)
    for axes, model in zip_longest(panels.ravel(), shown):
        if model is None:
            axes.set_visible(False)
            continue
        own, look = table[table["model"] == model], appearances(models)[model]
        axes.plot([0, 1], [0, 1], color=PALE, linewidth=1, zorder=0)
        axes.vlines(own["mean_probability"], own["low"], own["high"], color=look.colour, linewidth=1.6, alpha=0.5)
        axes.plot(own["mean_probability"], own["share_malignant"], look.marker, color=look.colour, markersize=4)
        axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), aspect="equal")
        axes.set_title(model, fontsize=8)
    figure.supxlabel("predicted probability of malignant", fontsize=8.5)
    figure.supylabel("share malignant", fontsize=8.5)
    return figure


def draw_rank_shares(table: pd.DataFrame, models: list[str]) -> Figure | None:
    """How often each network has each rank on resampled patients: a dot's area is the share.

    `None` where there are not two networks to rank.
    """
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
            axes.scatter(held.index, [place] * len(held), s=110 * held, color=appearances(models)[model].colour)
        axes.set_yticks(range(len(wide)), wide.index)
        axes.set(title=METRICS[metric].label if metric in METRICS else "Both tasks", xlabel="rank")
        axes.set(xlim=(0.2, len(wide) + 0.8), ylim=(len(wide) - 0.4, -0.6))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid()
    return figure


def draw_leakage(table: pd.DataFrame, models: list[str]) -> Figure:
    """What ungrouped folds add on cases with a copy in training and without, and the difference; a panel a metric."""
    looks = dict(zip(list(SUBSETS.values())[1:], (("#D55E00", "o"), (GREY, "s"), ("#0072B2", "D")), strict=True))
    metrics = [metric for metric in METRICS if metric in set(table["metric"])]
    shown = [model for model in models if model in set(table["model"])]
    size = (2.9 * len(metrics) + 1.2, 0.55 * len(shown) + 1.3)
    figure, panels = plt.subplots(1, len(metrics), figsize=size, sharey=True, squeeze=False)
    for axes, metric in zip(panels[0], metrics, strict=True):
        axes.axvline(0, color=GREY, linewidth=0.8)
        for place, (subset, (colour, marker)) in enumerate(looks.items()):
            own = table[(table["metric"] == metric) & (table["subset"] == subset)].set_index("model").reindex(shown)
            at = np.arange(len(shown)) + 0.22 * (place - 1)
            axes.hlines(at, own["low"], own["high"], color=colour, linewidth=2, alpha=0.6)
            axes.plot(own["change"], at, marker, color=colour, markersize=5, label=subset)
        axes.set_yticks(range(len(shown)), shown)
        axes.set(title=METRICS[metric].label, xlabel=f"ungrouped {MINUS} grouped folds", ylim=(len(shown) - 0.5, -0.5))
        axes.grid(axis="x")
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def evidence_figures(
    tables: dict[str, pd.DataFrame], selection: str, dice: str, models: list[str]
) -> dict[str, Callable[[], Figure | None]]:
    """File name (without ending) to the function that draws it, for the tables that have rows."""
    draw = {
        "critical_difference": draw_critical_difference,
        "profiles": draw_profiles,
        "strata": draw_strata,
        "decision_curve": draw_decision_curve,
        "forensics": draw_forensics,
        "reliability": draw_reliability,
        "rank_shares": draw_rank_shares,
        "leakage": draw_leakage,
    }
    figures = {"ranking": lambda: draw_ranking(tables["scores"], selection, dice, models)}
    return figures | {
        name: lambda name=name, function=function: function(tables[name], models)
        for name, function in draw.items()
        if name in tables
    }
