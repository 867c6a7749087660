"""What choosing the epoch on the test fold is worth."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from benchmarks.reporting.figures.legend import legend_of_models
from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.labels import METRICS, SELECTION_RULES, is_external, number
from benchmarks.reporting.style import say_none


def draw_selection(material: Material) -> Figure:
    """The same trainings under each selection rule: what choosing the epoch on the test fold is worth."""
    scores = material.tables["scores"]
    metrics = [metric for metric in (material.dice, "auc") if metric in set(scores["metric"])]
    rules = [rule for rule in SELECTION_RULES if rule in set(scores["selection"])]
    figure, panels = plt.subplots(1, max(1, len(metrics)), figsize=(8.4, 3.6), squeeze=False)
    for axes, metric in zip(panels[0], metrics, strict=False):
        table = scores[scores["metric"] == metric].pivot_table(index="selection", columns="model", values="estimate")
        table = table.reindex(rules)
        for model, look in material.looks.items():
            if model in table and not is_external(material.names.entry(model)):
                style = {"color": look.colour, "linestyle": look.line, "marker": look.marker, "markersize": 5}
                axes.plot(range(len(rules)), table[model], **style)
        axes.set_xticks(range(len(rules)), [SELECTION_RULES[rule].replace(" on ", "\non ") for rule in rules])
        axes.set(title=METRICS[metric].label)
        axes.tick_params(axis="x", labelsize=7)
        axes.margins(x=0.15)
        axes.grid(axis="y")
    if not metrics:
        say_none(panels[0, 0], "nothing to show")
    legend_of_models(figure, material.looks)
    return figure


def selection_finding(material: Material) -> str:
    """What the oracle adds to the benchmark's inner validation, on the mean and at most."""
    scores, texts = material.tables["scores"], []
    for metric in (metric for metric in (material.dice, "auc") if metric in set(scores["metric"])):
        table = scores[scores["metric"] == metric].pivot_table(index="model", columns="selection", values="estimate")
        own = table[[not is_external(material.names.entry(model)) for model in table.index]]
        if not {"inner_validation", "test_oracle"} <= set(own):
            continue
        gain, kind = (own["test_oracle"] - own["inner_validation"]).dropna(), METRICS[metric]
        texts.append(
            f"{kind.label}: choosing the epoch on the test fold instead of the inner validation set changes it by "
            f"{number(gain.mean(), kind.decimals)} on the mean of {len(gain)}, at most "
            f"{number(gain.max(), kind.decimals)} ({gain.idxmax()})."
        )
    return " ".join(texts) or "There is one rule alone, or nothing to select."
