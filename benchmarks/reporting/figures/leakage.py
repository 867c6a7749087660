"""What ungrouped folds add, where they leak and where not."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.figures.order import order_text
from benchmarks.reporting.labels import LEAKAGE, METRICS, MINUS
from benchmarks.reporting.style import GREY
from benchmarks.reporting.wording import counted


def draw_leakage(material: Material) -> Figure:
    """What ungrouped folds add on cases with a copy in training and without, and the difference; a panel a metric."""
    table, models = material.tables["leakage"], material.models
    looks = dict(zip(LEAKAGE, (("#D55E00", "o"), (GREY, "s"), ("#0072B2", "D")), strict=True))
    metrics = [metric for metric in METRICS if metric in set(table["metric"])]
    shown = [model for model in models if model in set(table["model"])]
    size = (2.9 * len(metrics) + 1.2, 0.55 * len(shown) + 1.3)
    figure, panels = plt.subplots(1, len(metrics), figsize=size, sharey=True, squeeze=False)
    for axes, metric in zip(panels[0], metrics, strict=True):
        axes.axvline(0, color=GREY, linewidth=0.8)
        for place, (subset, (colour, marker)) in enumerate(looks.items()):
            own = table[(table["metric"] == metric) & (table["subset"] == subset)].set_index("model").reindex(shown)
            at = np.arange(len(shown)) + 0.22 * (place - 1)
            axes.hlines(at, own["low"], own["high"], color=colour, linewidth=1.6)
            axes.plot(own["change"], at, marker, color=colour, markersize=5, label=subset)
        axes.set_yticks(range(len(shown)), shown)
        axes.set(title=METRICS[metric].label, xlabel=f"ungrouped {MINUS} grouped folds", ylim=(len(shown) - 0.5, -0.5))
        axes.grid(axis="x")
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def leakage_finding(material: Material) -> str:
    """What ungrouped folds add where they leak, beyond what they add elsewhere."""
    table, texts = material.tables["leakage"], []
    for metric in (metric for metric in METRICS if metric in set(table["metric"])):
        own = table[(table["metric"] == metric) & (table["subset"] == LEAKAGE[-1])]
        beyond = int(((own["low"] > 0) | (own["high"] < 0)).sum())
        texts.append(
            f"{METRICS[metric].label}, change on cases with a copy in training minus change on the others: "
            f"{order_text(own.set_index('model')['change'])}; its interval excludes 0 for {beyond} of "
            f"{counted(len(own), 'network')}."
        )
    return " ".join(texts)
