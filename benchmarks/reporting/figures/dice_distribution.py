"""How Dice is spread over the cases."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.figures.order import order_text
from benchmarks.reporting.labels import METRICS
from benchmarks.reporting.style import GREY, INK, NAMED, say_none

MISSED = 0.1  # a Dice below which a case is as good as missed


def draw_dice_distribution(material: Material) -> Figure:
    """A histogram per model of the per-case Dice (mean over seeds), with its quartiles, median and mean."""
    cases, metric = material.selected(), material.dice
    scores = cases.dropna(subset=metric).groupby(["model", "case"])[metric].mean()
    models = [model for model in material.models if model in scores.index.get_level_values("model")]
    row_height = 0.62 if len(models) <= NAMED else 0.4
    figure, axes = plt.subplots(figsize=(8.4, 1.1 + row_height * max(1, len(models))))
    axes.set(title="Dice of each case", xlabel=METRICS[metric].label, xlim=(-0.01, 1.01))
    axes.spines["left"].set_visible(False)
    if not models:
        say_none(axes, "no model has a segmentation head")
    looks = material.looks
    histograms = {m: np.histogram(scores[m], bins=50, range=(0, 1)) for m in models}
    tallest = max((counts.max() for counts, _ in histograms.values()), default=1)
    for row, model in enumerate(reversed(models)):
        counts, edges = histograms[model]
        axes.stairs(
            row + 0.72 * counts / tallest, edges, baseline=row, fill=True, color=looks[model].colour, alpha=0.35
        )
        axes.stairs(row + 0.72 * counts / tallest, edges, baseline=row, color=looks[model].colour, linewidth=0.8)
        low, median, high = np.quantile(scores[model], [0.25, 0.5, 0.75])
        axes.plot([low, high], [row - 0.09] * 2, color=INK, linewidth=2, solid_capstyle="butt")
        axes.plot(median, row - 0.09, "|", color=INK, markersize=9, markeredgewidth=1.6)
        axes.plot(scores[model].mean(), row - 0.09, "o", color="white", markeredgecolor=INK, markersize=4)
    if models:
        axes.set_yticks(range(len(models)), reversed(models))
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(-0.3, len(models) - 0.15)
        axes.grid(axis="x")
        figure.supxlabel("bar: quartiles    tick: median    circle: mean", fontsize=7.5, color=GREY)
    return figure


def dice_distribution_finding(material: Material) -> str:
    """The medians, and how many cases nearly every network misses."""
    cases, metric = material.selected(), material.dice
    scores = cases.dropna(subset=metric).groupby(["model", "case"])[metric].mean()
    if scores.empty:
        return "No network has a segmentation head."
    medians, missed = scores.groupby("model").median(), (scores < MISSED).groupby("model").mean()
    label = METRICS[metric].label
    return (
        f"Median {label} over cases: {order_text(medians)}. Share of cases below {MISSED}: "
        f"{order_text(missed, ascending=True)}."
    )
