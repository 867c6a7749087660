"""Training by epoch: the mean of each network, and every run of one network."""

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.reporting.figures.legend import legend_of_models
from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.figures.order import order_text
from benchmarks.reporting.labels import number
from benchmarks.reporting.style import CROWD, Appearance, say_none
from benchmarks.reporting.wording import counted

COLUMNS = {
    "validation_dice": "Dice, inner validation",
    "validation_accuracy": "Accuracy, inner validation",
    "train_loss": "Training loss",
}


def draw_training_curves(material: Material) -> Figure | None:
    """Mean over runs of validation Dice, validation accuracy and training loss; of a few models the range over runs.

    `None` where no curves are stored.
    """
    models, curves = material.models, material.results.curves
    if curves.empty:
        return None
    figure, panels = plt.subplots(1, 3, figsize=(9.6, 3.3))
    for axes, (column, title) in zip(panels, COLUMNS.items(), strict=True):
        axes.set(title=title, xlabel="epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(axis="y")
        for model, look in material.looks.items():
            draw_curve(axes, curves, model, column, look, ranges=len(models) <= CROWD)
        if not axes.lines:
            say_none(axes, "not logged")
    legend_of_models(figure, material.looks)
    return figure


def draw_curve(axes: Axes, curves: pd.DataFrame, model: str, column: str, look: Appearance, ranges: bool) -> None:
    if curves.empty or column not in curves:
        return
    values = curves.loc[curves["model"] == model].groupby("epoch")[column].agg(["mean", "min", "max"]).dropna()
    if values.empty:
        return
    every = max(1, len(values) // 6)
    style: dict[str, Any] = {"color": look.colour, "linestyle": look.line, "marker": look.marker, "markersize": 4}
    axes.plot(values.index, values["mean"], markevery=every, **style)
    if ranges:
        axes.fill_between(values.index, values["min"], values["max"], color=look.colour, alpha=0.10, linewidth=0)


def draw_network(material: Material, model: str) -> Figure:
    """Every run of one network: Dice and accuracy on validation and test fold, and losses, by epoch."""
    curves = material.results.curves
    own = curves[curves["model"] == model]
    figure, panels = plt.subplots(1, 3, figsize=(9.6, 2.9))
    for axes, quantity in zip(panels, ("dice", "accuracy", "loss"), strict=True):
        axes.set(title=quantity.capitalize(), xlabel="epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(axis="y")
        parts = {"train": ("#009E73", ":"), "validation": ("#0072B2", "-"), "test": ("#D55E00", "--")}
        for part, (colour, line) in parts.items():
            draw_runs(axes, own, f"{part}_{quantity}", part if part != "test" else "test fold", colour, line)
        if not axes.lines:
            say_none(axes, "not logged")
        else:
            axes.legend()
    return figure


def draw_runs(axes: Axes, curves: pd.DataFrame, column: str, label: str, colour: str, line: str) -> None:
    """A faint line for each run and a strong one for their mean."""
    if column not in curves or curves[column].isna().all():
        return
    for _, run in curves.groupby(["seed", "fold"]):
        axes.plot(run["epoch"], run[column], color=colour, linestyle=line, linewidth=0.6, alpha=0.35)
    mean = curves.groupby("epoch")[column].mean()
    axes.plot(mean.index, mean, color=colour, linestyle=line, label=label)


def training_curves_finding(material: Material) -> str:
    """Where each network stands in its last epoch."""
    texts = []
    for column, title in COLUMNS.items():
        means = material.results.curves.groupby(["model", "epoch"])[column].mean().dropna()
        last = means.groupby("model").last()
        if len(last):
            texts.append(f"{title}, in the last epoch: {order_text(last, ascending=column == 'train_loss')}.")
    return " ".join(texts) or "Nothing was logged."


def network_finding(material: Material, model: str) -> str:
    """The best epochs of a network's means over runs, and how its training loss falls."""
    curves = material.results.curves
    own = curves[curves["model"] == model]
    means, texts = own.groupby("epoch").mean(numeric_only=True), []
    for quantity in ("dice", "accuracy"):
        for part, name in {"validation": "inner validation", "test": "the test fold"}.items():
            values = means.get(f"{part}_{quantity}", pd.Series(dtype=float)).dropna()
            if len(values):
                texts.append(
                    f"{quantity.capitalize()} on {name}: at most {number(values.max(), 3)}, in epoch {values.idxmax()}"
                )
    losses = means["train_loss"].dropna()
    if len(losses):
        texts.append(
            f"Training loss: {number(losses.iloc[0], 3)} in the first epoch, {number(losses.iloc[-1], 3)} in the last"
        )
    runs = counted(len(own.groupby(["seed", "fold"])), "run")
    return f"{model}, mean over {runs}. {'. '.join(texts)}."
