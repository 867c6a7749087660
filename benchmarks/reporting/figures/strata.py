"""Where the networks differ: by lesion size and class."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from benchmarks.reporting.figures.legend import legend_of_models
from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.labels import METRICS
from benchmarks.reporting.style import NAMED


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
        axes.vlines(at, own["low"], own["high"], color=look.colour, linewidth=1.8, alpha=0.6)
        axes.plot(at, own["estimate"], look.marker, color=look.colour, markersize=5)
    counts = table.groupby("stratum")["cases"].first()
    axes.set_xticks(range(len(strata)), [f"{stratum}\n{counts[stratum]} cases" for stratum in strata])
    axes.set(title=f"{METRICS[table['metric'].iloc[0]].label} by lesion size (share of the image) and class")
    axes.grid(axis="y")
    legend_of_models(figure, material.looks, shown)
    return figure
