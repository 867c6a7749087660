"""Performance profiles."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from benchmarks.reporting.figures.legend import legend_of_models
from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.figures.order import order_text
from benchmarks.reporting.style import CROWD

USABLE = 0.7  # the Dice of which the finding speaks


def draw_profiles(material: Material) -> Figure:
    """Share of cases that reach each Dice; of a few networks with pointwise 95% bands."""
    table, models = material.tables["profiles"], material.models
    figure, axes = plt.subplots(figsize=(6.8, 3.8))
    for model, look in material.looks.items():
        own = table[table["model"] == model]
        if not own.empty:
            axes.plot(own["threshold"], own["share"], color=look.colour, linestyle=look.line)
        if not own.empty and len(models) <= CROWD:
            axes.fill_between(own["threshold"], own["low"], own["high"], color=look.colour, alpha=0.10, linewidth=0)
    axes.set(
        title="Share of cases that reach a Dice", xlabel="Dice", ylabel="share of cases", xlim=(0, 1), ylim=(0, 1.02)
    )
    axes.grid()
    legend_of_models(figure, material.looks, set(table["model"]))
    return figure


def profiles_finding(material: Material) -> str:
    """Who reaches a usable Dice in how many cases."""
    table = material.tables["profiles"]
    own = table[(table["threshold"] - USABLE).abs() < 1e-9].set_index("model")["share"]
    return f"Share of cases that reach a Dice of {USABLE}: {order_text(own)}."
