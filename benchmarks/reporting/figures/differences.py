"""Paired mean differences to the reference."""

from textwrap import fill

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.labels import METRICS, MINUS, counterpart, with_interval
from benchmarks.reporting.style import GREY, say_none
from benchmarks.reporting.verdicts import SURE
from benchmarks.reporting.wording import counted

TITLE = 16  # letters on a line, which seven panels have room for


def draw_differences(material: Material) -> Figure:
    """Paired mean differences to the reference with intervals; filled where the Holm-corrected p is below .05."""
    differences = material.tables["differences"]
    metrics = list(dict.fromkeys(differences["metric"]))
    references = dict(zip(differences["model_a"], differences["model_b"], strict=True))
    others = [model for model in material.models if model in references]
    rows, one = max(1, len(others)), len(set(references.values())) == 1
    figure, panels = plt.subplots(
        1, max(1, len(metrics)), figsize=(9.6, 1.5 + (0.3 if one else 0.45) * rows), sharey=True, squeeze=False
    )
    looks = material.looks
    if not metrics:
        say_none(panels[0, 0], "no reference among these models, or no other model")
    for axes, metric in zip(panels[0], metrics, strict=False):
        axes.axvline(0, color=GREY, linewidth=0.8)
        for row in differences[differences["metric"] == metric].itertuples():
            look, place = looks[row.model_a], len(others) - 1 - others.index(row.model_a)
            axes.plot([row.low, row.high], [place] * 2, color=look.colour, linewidth=1.6)
            inside = look.colour if row.p_holm < SURE else "white"
            axes.plot(row.difference, place, look.marker, color=inside, markeredgecolor=look.colour, markersize=6)
        axes.set(title=fill(METRICS[metric].label, TITLE), ylim=(-0.6, rows - 0.4))
        names = others if one else [f"{model}\n{MINUS} {references[model]}" for model in others]
        axes.set_yticks(range(len(others)), reversed(names))
        better = "right" if METRICS[metric].higher_is_better else "left"
        axes.set_xlabel(f"better: {better}")
        axes.margins(x=0.15)
        axes.grid(axis="x")
        axes.xaxis.set_major_locator(MaxNLocator(nbins=2))
        axes.xaxis.set_major_formatter(lambda value, place: f"{round(value, 6):g}".replace("-", MINUS))
    note = f"each minus {counterpart(differences)}    filled marker: p < 0.05 after Holm    line: 95% interval"
    figure.supxlabel(note, fontsize=7.5, color=GREY)
    return figure


def differences_finding(material: Material) -> str:
    """How many differences hold in either direction, and the ends of their range."""
    differences, texts = material.tables["differences"], []
    for metric, own in differences.groupby("metric", sort=False):
        kind, sure = METRICS[str(metric)], own[own["p_holm"] < SURE]
        better = int(((sure["difference"] > 0) == kind.higher_is_better).sum())
        ends = [own.loc[own["difference"].idxmin()], own.loc[own["difference"].idxmax()]][: len(own)]
        said = [f"{with_interval(e['difference'], e['low'], e['high'], kind.decimals)} ({e['model_a']})" for e in ends]
        texts.append(
            f"{kind.label}: of {counted(len(own), 'difference')} to {counterpart(own)}, {better} better and "
            f"{len(sure) - better} worse with p < 0.05 after Holm; {' to '.join(said)}."
        )
    return " ".join(texts) or "There is no reference among these networks, or no other network."
