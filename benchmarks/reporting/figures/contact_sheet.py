"""Best, median and worst cases with both outlines.

Drawn from stored run lengths alone, or over the real images where these lie on the reader's machine.
"""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from benchmarks.errors import UserError
from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.figures.outlines import outlines
from benchmarks.reporting.labels import METRICS, number
from benchmarks.reporting.results import read_predictions
from benchmarks.reporting.style import GREY, INK, NAMED, PANEL, REFERENCE

EACH = 3  # cases at either end and in the middle
TRUTH, TRUTH_ON_IMAGE, PREDICTION = REFERENCE, "#56B4E9", "#D55E00"


def chosen_cases(cases: pd.DataFrame, metric: str) -> dict[str, list[str]]:
    """The worst, median and best cases by their mean score over models and seeds; ties by name."""
    means = cases.dropna(subset=metric).groupby("case")[metric].mean().reset_index()
    ordered = list(means.sort_values([metric, "case"], kind="stable")["case"])
    each = min(EACH, len(ordered) // 3)
    if each == 0:
        return {"median": ordered}
    middle = (len(ordered) - each) // 2
    return {"worst": ordered[:each], "median": ordered[middle : middle + each], "best": ordered[-each:]}


def draw_contact_sheet(material: Material, images: dict[str, np.ndarray] | None = None) -> Figure | None:
    """A row for each of the first ten models, a column per case, first seed.

    `None` where truth or predictions are not stored.

    Args:
        images: case to gray levels `(height, width)`, drawn under the outlines when given.
    """
    results, selection, metric = material.results, material.selection, material.dice
    cases = material.selected()
    seed = cases["seed"].min()
    models = [m for m in results.models if cases.loc[cases["model"] == m, metric].notna().any()][:NAMED]
    predictions = {
        model: read_predictions(results.benchmark, material.names.entry(model), material.root, results.settings)
        for model in models
    }
    models = [model for model in models if not predictions[model].empty]
    if not models or results.truth.empty:
        return None
    groups = chosen_cases(cases, metric)
    columns = [(group, case) for group, members in groups.items() for case in members]
    figure, panels = plt.subplots(
        len(models), len(columns), figsize=(1.15 * len(columns) + 0.9, 1.05 * len(models) + 0.7), squeeze=False
    )
    for row, model in enumerate(models):
        chosen = predictions[model].query("selection == @selection and seed == @seed").set_index("case")
        scores = cases.query("model == @model and seed == @seed").set_index("case")[metric]
        for axes, (_, case) in zip(panels[row], columns, strict=True):
            if case not in chosen.index or case not in results.truth.index:
                raise UserError(
                    f"reports/predictions/{results.benchmark}/{material.names.entry(model)}.parquet and reports/truth: "
                    f"expected case {case!r} (selection {selection}, seed {seed}), found none. Score them again."
                )
            draw_case(axes, results.truth.loc[case], chosen.loc[case], (images or {}).get(case))
            axes.set_xlabel(f"{scores[case]:.2f}", fontsize=7, labelpad=2)
        panels[row, 0].set_ylabel(fill(model, 18), rotation=0, ha="right", va="center", fontsize=8)
    for axes, (group, case) in zip(panels[0], columns, strict=True):
        axes.set_title(f"{group}\n{case}", fontsize=6.5, loc="center", fontweight="normal")
    handles = [
        plt.Line2D([], [], color=TRUTH_ON_IMAGE if images else TRUTH, linewidth=1.2, label="truth"),
        plt.Line2D([], [], color=PREDICTION, linewidth=1.2, linestyle="--", label="prediction"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


def draw_case(axes: Axes, truth: pd.Series, prediction: pd.Series, image: np.ndarray | None) -> None:
    """Both outlines in the image's own proportions; the truth filled pale where there is no image below."""
    height, width = truth["height"], truth["width"]
    axes.set(xlim=(0, width), ylim=(height, 0), xticks=[], yticks=[], aspect="equal", anchor="S")
    for spine in axes.spines.values():
        spine.set(visible=True, color=GREY, linewidth=0.5)
    if image is not None:
        axes.imshow(image, cmap="gray", vmin=0, vmax=255, extent=(0, width, height, 0), interpolation="bilinear")
    else:
        axes.set_facecolor(PANEL)
    solid = TRUTH if image is None else TRUTH_ON_IMAGE
    draw_outline(axes, truth["mask"], truth["grid"], truth["grid"], (width, height), solid, "-", image is None)
    if isinstance(prediction["mask"], str):
        own = prediction["height"], prediction["width"]
        draw_outline(axes, prediction["mask"], *own, (width, height), PREDICTION, "--", False)


def draw_outline(
    axes: Axes, counts: str, height: int, width: int, size: tuple, colour: str, line: str, fill: bool
) -> None:
    scale = np.array([size[0] / width, size[1] / height])
    for points in outlines(counts, height, width):
        inside = to_rgba(INK, 0.10) if fill else "none"
        axes.fill(*(points * scale).T, facecolor=inside, edgecolor=colour, linestyle=line, linewidth=1)


def contact_sheet_finding(material: Material) -> str:
    """The cases shown with their mean scores."""
    cases, metric = material.selected(), material.dice
    means = cases.dropna(subset=metric).groupby("case")[metric].mean()
    groups = [
        f"{group}: {', '.join(f'{case} {number(means[case], 2)}' for case in members)}"
        for group, members in chosen_cases(cases, metric).items()
    ]
    return f"{METRICS[metric].label}, mean over all networks; {'; '.join(groups)}."
