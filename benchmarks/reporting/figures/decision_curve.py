"""Net benefit of acting on each network."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from benchmarks.reporting.figures.legend import legend_of_models
from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.figures.order import order_text
from benchmarks.reporting.labels import number
from benchmarks.reporting.style import GREY, PALE

SPOKEN = 0.2  # the threshold of which the finding speaks


def draw_decision_curve(material: Material) -> Figure:
    """Net benefit at each threshold probability, beside acting on every case and on none."""
    table = material.tables["decision_curve"]
    figure, axes = plt.subplots(figsize=(6.8, 3.8))
    everyone = table.drop_duplicates("threshold")
    axes.plot(everyone["threshold"], everyone["treat_all"], color=GREY, linewidth=1, label="all")
    axes.axhline(0, color=PALE, linewidth=1)
    for model, look in material.looks.items():
        own = table[table["model"] == model]
        axes.plot(own["threshold"], own["net_benefit"], color=look.colour, linestyle=look.line)
    top = max(table["net_benefit"].max(), table["treat_all"].max())
    axes.set(title="Decision curve", xlabel="threshold probability", ylabel="net benefit", ylim=(-0.1, top * 1.05))
    axes.text(0.99, 0.005, "act on none", ha="right", va="bottom", color=GREY, fontsize=7.5)
    axes.text(0.02, everyone["treat_all"].iloc[0] + 0.01, "act on all", color=GREY, fontsize=7.5)
    axes.grid()
    legend_of_models(figure, material.looks, set(table["model"]))
    return figure


def decision_curve_finding(material: Material) -> str:
    """The net benefit at one threshold, beside acting on all."""
    table = material.tables["decision_curve"]
    own = table[(table["threshold"] - SPOKEN).abs() < 1e-9]
    if own.empty:
        return "No network has a net benefit."
    benefits = own.set_index("model")["net_benefit"]
    return (
        f"Net benefit at a threshold probability of {SPOKEN}: {order_text(benefits)}; acting on all gives "
        f"{number(own['treat_all'].iloc[0], 3)}, on none 0."
    )
