"""Which network tells malignant from benign: ROC curves."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve

from benchmarks.reporting.figures.legend import legend_of_models
from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.figures.order import order_text
from benchmarks.reporting.labels import MINUS
from benchmarks.reporting.style import PALE, say_none


def draw_roc(material: Material) -> Figure:
    """ROC curves: mean over seeds of the sensitivity at each false-positive rate."""
    figure, axes = plt.subplots(figsize=(4.8, 4.8))
    cases = material.selected().dropna(subset="probability")
    looks = {m: look for m, look in material.looks.items() if m in set(cases["model"])}
    axes.plot([0, 1], [0, 1], color=PALE, linewidth=1, zorder=0)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel=f"1 {MINUS} specificity", ylabel="sensitivity")
    axes.grid()
    for model, look in looks.items():
        points = mean_roc(cases[cases["model"] == model])
        axes.plot(points["x"], points["y"], color=look.colour, linestyle=look.line)
    if looks:
        legend_of_models(figure, looks)
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


def roc_finding(material: Material) -> str:
    """The areas under the curves, as the tables have them."""
    scores = material.tables["scores"]
    own = scores[(scores["selection"] == material.selection) & (scores["metric"] == "auc")]
    areas = own.set_index("model")["estimate"]
    return f"Area under the curve: {order_text(areas)}." if len(areas) else "No network has a classification head."
