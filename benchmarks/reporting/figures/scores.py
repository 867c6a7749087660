"""The figures of a benchmark, each drawn from stored tables."""

import dataclasses
from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve

from benchmarks.reporting.labels import METRICS, MINUS, SELECTION_RULES, dice_of, is_external
from benchmarks.reporting.results import Results
from benchmarks.reporting.style import GREY, INK, NAMED, PALE, Appearance, appearances
from benchmarks.reporting.tables.scores import counterpart

CROWD = 6  # shaded ranges of more models than that hide each other


def in_drawing_order(results: Results, selection: str, metric: str) -> Results:
    """The results with their models in the order that figures draw them.

    As they are, unless there are more than a figure can tell apart: then those behind the reference stand by mean
    score, best first, so that the best are named and the others make the background.
    """
    if len(results.models) <= NAMED:
        return results
    means = results.selected(selection).groupby("model")[metric].mean().fillna(-1)
    first, *others = results.models
    return dataclasses.replace(results, models=[first, *sorted(others, key=lambda model: -means[model])])


def say_none(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, ha="center", va="center", color=GREY, transform=axes.transAxes)
    axes.set(xticks=[], yticks=[])


def draw_training_curves(results: Results) -> Figure:
    """Mean over runs of validation Dice, validation accuracy and training loss; of a few models the range over runs."""
    figure, panels = plt.subplots(1, 3, figsize=(9.6, 3.3))
    columns = {
        "validation_dice": "Dice, inner validation",
        "validation_accuracy": "Accuracy, inner validation",
        "train_loss": "Training loss",
    }
    for axes, (column, title) in zip(panels, columns.items(), strict=True):
        axes.set(title=title, xlabel="epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(axis="y")
        for model, look in appearances(results.models).items():
            draw_curve(axes, results.curves, model, column, look, ranges=len(results.models) <= CROWD)
        if not axes.lines:
            say_none(axes, "not logged")
    legend_of_models(figure, results.models)
    return figure


def legend_of_models(figure: Figure, shown: list[str], models: list[str] | None = None) -> None:
    """A legend below all panels of `shown`, who look as they do among `models`; one entry for all in the background."""
    models = models or shown
    looks = appearances(models)
    named = [model for model in models[:NAMED] if model in shown]
    labels = {model: model for model in named}
    if behind := [model for model in models[NAMED:] if model in shown]:
        labels[behind[0]] = f"{len(behind)} others"
    handles = [
        plt.Line2D(
            [],
            [],
            color=looks[model].colour,
            linestyle=looks[model].line,
            marker=looks[model].marker,
            markersize=4,
            label=label,
        )
        for model, label in labels.items()
    ]
    longest = max((len(label) for label in labels.values()), default=0)
    columns = int(figure.get_figwidth() / (0.7 + 0.08 * longest))
    columns = max(1, min(columns, len(handles)))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, handlelength=3.5)


def draw_curve(axes: Axes, curves: pd.DataFrame, model: str, column: str, look: Appearance, ranges: bool) -> None:
    if curves.empty or column not in curves:
        return
    values = curves.loc[curves["model"] == model].groupby("epoch")[column].agg(["mean", "min", "max"]).dropna()
    if values.empty:
        return
    every = max(1, len(values) // 6)
    style = {"color": look.colour, "linestyle": look.line, "marker": look.marker, "markersize": 4}
    axes.plot(values.index, values["mean"], markevery=every, **style)
    if ranges:
        axes.fill_between(values.index, values["min"], values["max"], color=look.colour, alpha=0.10, linewidth=0)


def draw_dice_distribution(results: Results, selection: str, metric: str = "dice") -> Figure:
    """A histogram per model of the per-case Dice (mean over seeds), with its quartiles, median and mean."""
    cases = results.selected(selection)
    scores = cases.dropna(subset=metric).groupby(["model", "case"])[metric].mean()
    models = [model for model in results.models if model in scores.index.get_level_values("model")]
    row_height = 0.62 if len(models) <= NAMED else 0.4
    figure, axes = plt.subplots(figsize=(8.4, 1.1 + row_height * max(1, len(models))))
    axes.set(title="Dice of each case", xlabel=METRICS[metric].label, xlim=(-0.01, 1.01))
    axes.spines["left"].set_visible(False)
    if not models:
        say_none(axes, "no model has a segmentation head")
    looks = appearances(results.models)
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


def draw_differences(differences: pd.DataFrame, results: Results) -> Figure:
    """Paired mean differences to the reference with intervals; filled where the Holm-corrected p is below .05."""
    metrics = list(dict.fromkeys(differences["metric"]))
    references = dict(zip(differences["model_a"], differences["model_b"], strict=True))
    others = [model for model in results.models if model in references]
    rows = max(1, len(others))
    figure, panels = plt.subplots(1, max(1, len(metrics)), figsize=(9.6, 1.5 + 0.3 * rows), sharey=True, squeeze=False)
    looks = appearances(results.models)
    if not metrics:
        say_none(panels[0, 0], "no reference among these models, or no other model")
    for axes, metric in zip(panels[0], metrics, strict=False):
        axes.axvline(0, color=GREY, linewidth=0.8)
        for row in differences[differences["metric"] == metric].itertuples():
            look, place = looks[row.model_a], len(others) - 1 - others.index(row.model_a)
            axes.plot([row.low, row.high], [place] * 2, color=look.colour, linewidth=1.6)
            fill = look.colour if row.p_holm < 0.05 else "white"
            axes.plot(row.difference, place, look.marker, color=fill, markeredgecolor=look.colour, markersize=6)
        axes.set(title=METRICS[metric].label, ylim=(-0.6, rows - 0.4))
        one = len(set(references.values())) == 1
        names = others if one else [f"{model} {MINUS} {references[model]}" for model in others]
        axes.set_yticks(range(len(others)), reversed(names))
        better = "right" if METRICS[metric].higher_is_better else "left"
        axes.set_xlabel(f"better: {better}")
        axes.margins(x=0.15)
        axes.grid(axis="x")
    note = f"each minus {counterpart(differences)}    filled marker: p < 0.05 after Holm    line: 95% interval"
    figure.supxlabel(note, fontsize=7.5, color=GREY)
    return figure


def draw_roc(results: Results, selection: str) -> Figure:
    """ROC curves: mean over seeds of the sensitivity at each false-positive rate."""
    figure, axes = plt.subplots(figsize=(4.8, 4.8))
    cases = results.selected(selection).dropna(subset="probability")
    looks = {m: look for m, look in appearances(results.models).items() if m in set(cases["model"])}
    axes.plot([0, 1], [0, 1], color=PALE, linewidth=1, zorder=0)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel=f"1 {MINUS} specificity", ylabel="sensitivity")
    axes.grid()
    for model, look in looks.items():
        points = mean_roc(cases[cases["model"] == model])
        axes.plot(points["x"], points["y"], color=look.colour, linestyle=look.line)
    if looks:
        legend_of_models(figure, list(looks), results.models)
    else:
        say_none(axes, "no model has a classification head")
    return figure


def mean_roc(cases: pd.DataFrame) -> pd.DataFrame:
    """ROC of one model, `x` false-positive rate and `y` sensitivity; several seeds are averaged at 201 rates.

    Empty where a class is lacking.
    """
    curves = []
    if cases["label"].nunique() < 2:
        return pd.DataFrame({"x": [], "y": []})
    for _, own in cases.groupby("seed"):
        false_positive, sensitivity, _ = roc_curve(own["label"], own["probability"], drop_intermediate=False)
        curves.append((false_positive, sensitivity))
    if len(curves) == 1:
        return pd.DataFrame({"x": curves[0][0], "y": curves[0][1]})
    rates = np.linspace(0, 1, 201)
    mean = np.mean([np.interp(rates, *curve) for curve in curves], axis=0)
    return pd.DataFrame({"x": [0, *rates], "y": [0, *mean]})


def draw_selection(scores: pd.DataFrame, results: Results, scoring: str) -> Figure:
    """The same trainings under each selection rule: what choosing the epoch on the test fold is worth."""
    metrics = [dice_of(scoring), "auc"]
    metrics = [metric for metric in metrics if metric in set(scores["metric"])]
    rules = [rule for rule in SELECTION_RULES if rule in set(scores["selection"])]
    figure, panels = plt.subplots(1, max(1, len(metrics)), figsize=(8.4, 3.6), squeeze=False)
    for axes, metric in zip(panels[0], metrics, strict=False):
        table = scores[scores["metric"] == metric].pivot_table(index="selection", columns="model", values="estimate")
        table = table.reindex(rules)
        for model, look in appearances(results.models).items():
            if model in table and not is_external(model):
                style = {"color": look.colour, "linestyle": look.line, "marker": look.marker, "markersize": 5}
                axes.plot(range(len(rules)), table[model], **style)
        axes.set_xticks(range(len(rules)), [SELECTION_RULES[rule].replace(" on ", "\non ") for rule in rules])
        axes.set(title=METRICS[metric].label)
        axes.tick_params(axis="x", labelsize=7)
        axes.margins(x=0.15)
        axes.grid(axis="y")
    if not metrics:
        say_none(panels[0, 0], "nothing to show")
    legend_of_models(figure, results.models)
    return figure


def draw_network(results: Results, model: str) -> Figure:
    """Every run of one network: Dice and accuracy on validation and test fold, and losses, by epoch."""
    own = results.curves[results.curves["model"] == model]
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


def all_figures(
    results: Results, tables: dict[str, pd.DataFrame], selection: str, scoring: str
) -> dict[str, Callable[[], Figure]]:
    """File name (without ending) to the function that draws it; the order is the page's."""
    figures = {
        "dice_distribution": lambda: draw_dice_distribution(results, selection, dice_of(scoring)),
        "differences": lambda: draw_differences(tables["differences"], results),
        "roc": lambda: draw_roc(results, selection),
        "selection": lambda: draw_selection(tables["scores"], results, scoring),
    }
    if not results.curves.empty:
        figures["training_curves"] = lambda: draw_training_curves(results)
        for model in results.curves["model"].unique():
            figures[f"networks/{model}"] = lambda model=model: draw_network(results, model)
    return figures
