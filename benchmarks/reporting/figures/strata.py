"""Where the networks differ: by lesion size and class."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from benchmarks.reporting.figures.legend import legend_of_models
from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.labels import METRICS, number
from benchmarks.reporting.style import NAMED
from benchmarks.reporting.wording import counted, listed


def draw_strata(material: Material) -> Figure:
    """Mean and interval of each network within strata of size and class."""
    table, models = material.tables["strata"], material.models
    table = table[table["by"].isin(["size", "class"])]
    strata = list(dict.fromkeys(table["stratum"]))
    shown = [model for model in models if model in set(table["model"])][:NAMED]
    figure, axes = plt.subplots(figsize=(8.4, 3.6))
    for place, model in enumerate(shown):
        look, own = material.looks[model], table[table["model"] == model].set_index("stratum").reindex(strata)
        at = np.arange(len(strata)) + 0.7 * ((place + 0.5) / len(shown) - 0.5)
        axes.vlines(at, own["low"], own["high"], color=look.colour, linewidth=1.6)
        axes.plot(at, own["estimate"], look.marker, color=look.colour, markersize=5)
    counts = table.groupby("stratum")["cases"].first()
    axes.set_xticks(range(len(strata)), [f"{stratum}\n{counts[stratum]} cases" for stratum in strata])
    axes.set(title=f"{METRICS[table['metric'].iloc[0]].label} by lesion size (share of the image) and class")
    axes.grid(axis="y")
    legend_of_models(figure, material.looks, shown)
    return figure


def strata_finding(material: Material) -> str:
    """The mean over the networks shown in each stratum."""
    table = material.tables["strata"]
    shown = [model for model in material.models if model in set(table["model"])][:NAMED]
    own = table[table["model"].isin(shown)]
    texts = []
    for by in ("size", "class"):
        means = own[own["by"] == by].groupby("stratum", sort=False)["estimate"].mean()
        if len(means):
            texts.append(f"by {by}: {listed([f'{stratum} {number(mean, 3)}' for stratum, mean in means.items()])}")
    label = METRICS[table["metric"].iloc[0]].label
    return f"{label}, mean over {counted(len(shown), 'network')}; {'; '.join(texts)}."
