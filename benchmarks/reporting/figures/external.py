"""Training set by test set, network by network: `acsbench figures-external`.

Reads `reports/external/tables/<benchmark>/transfer.csv` of every benchmark that names datasets to test on; writes
`reports/external/figures/matrix.svg` and `.png`.
"""

from pathlib import Path
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from benchmarks.configuration import PARAMETERS, Parameters, read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting.files import remove_others
from benchmarks.reporting.labels import number
from benchmarks.reporting.names import label_of, title_of
from benchmarks.reporting.results import rows_of
from benchmarks.reporting.style import INK, INK_ON_COLOUR, PAPER_ON_COLOUR, apply_style, save_figure
from benchmarks.reporting.tables.stored import read_stored
from benchmarks.reporting.tables.transfer import EXTERNAL, LABELS

DRAWN = ("dice", "auc")
RANGES = {"dice": (0.3, 0.9), "auc": (0.5, 1.0)}  # of the colours; beyond them it stays the same
TICK = 12  # letters a line below a column
DARK = 0.6  # of the range, from where on numbers are white


def read_transfers(parameters: Parameters, root: Path) -> dict[str, pd.DataFrame]:
    """The stored tables of all benchmarks that have one, in the order of `params.yaml`."""
    places = {name: root / EXTERNAL / "tables" / name / "transfer.csv" for name in parameters.benchmarks}
    return {name: read_stored(path) for name, path in places.items() if path.is_file()}


def draw_matrix(transfers: dict[str, pd.DataFrame], parameters: Parameters) -> Figure:
    """A panel for Dice and one for AUC: a row per benchmark and network, a column per test set.

    What a network does on its own dataset has a frame.
    """
    rows = [(benchmark, model) for benchmark, table in transfers.items() for model in dict.fromkeys(table["model"])]
    own = {benchmark: parameters.benchmark(benchmark).dataset for benchmark in transfers}
    columns = list(dict.fromkeys([*own.values(), *(d for table in transfers.values() for d in table["dataset"])]))
    width = 3.2 + 2 * 0.85 * len(columns)
    figure, panels = plt.subplots(1, 2, figsize=(width, 1.2 + 0.28 * len(rows)), sharey=True)
    for axes, metric in zip(panels, DRAWN, strict=True):
        values = np.full((len(rows), len(columns)), np.nan)
        for place, (benchmark, model) in enumerate(rows):
            table = transfers[benchmark]
            found = table[(table["model"] == model) & (table["metric"] == metric)]
            for row in rows_of(found):
                values[place, columns.index(row.dataset)] = row.external
                values[place, columns.index(own[benchmark])] = row.internal
        draw_panel(axes, values, metric)
        for place, (benchmark, _) in enumerate(rows):
            at = columns.index(own[benchmark])
            axes.add_patch(Rectangle((at - 0.48, place - 0.46), 0.96, 0.92, fill=False, edgecolor=INK, linewidth=0.9))
        for place in range(1, len(rows)):
            if rows[place][0] != rows[place - 1][0]:
                axes.axhline(place - 0.5, color=INK, linewidth=1.2)
        axes.set_xticks(range(len(columns)), [fill(f"on {title_of(name)}", TICK) for name in columns])
        axes.set_title(LABELS[metric].label)
    names = [f"{label_of(model, parameters)}, {benchmark}" for benchmark, model in rows]
    panels[0].set_yticks(range(len(rows)), names)
    panels[0].set_ylabel("network, benchmark")
    return figure


def draw_panel(axes: Axes, values: np.ndarray, metric: str) -> None:
    """Coloured cells with their numbers; a cell without one is empty."""
    low, high = RANGES[metric]
    axes.imshow(values, cmap="Blues", vmin=low, vmax=high, aspect="auto")
    for place, at in np.argwhere(np.isfinite(values)):
        share = (values[place, at] - low) / (high - low)
        colour = PAPER_ON_COLOUR if share > DARK else INK_ON_COLOUR
        axes.text(at, place, number(values[place, at], 3), ha="center", va="center", color=colour, fontsize=8)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0)


def matrix_finding(transfers: dict[str, pd.DataFrame]) -> str:
    """The range on own and on other datasets, and how many networks fall."""
    table, texts = pd.concat(transfers.values()), []
    for metric in DRAWN:
        own = table[table["metric"] == metric].dropna(subset=["internal", "external"])
        if len(own):
            (low, high), (least, most) = ((own[c].min(), own[c].max()) for c in ("internal", "external"))
            texts.append(
                f"{LABELS[metric].label}: {number(low, 3)} to {number(high, 3)} on the networks' own dataset, "
                f"{number(least, 3)} to {number(most, 3)} on others; lower there in "
                f"{int((own['external'] < own['internal']).sum())} of {len(own)} pairs of network and dataset."
            )
    return " ".join(texts)


def write_matrix(root: Path, output: Path, params: Path = PARAMETERS) -> None:
    """Draw the matrix to `output`/figures, and remove other drawings there.

    Args:
        root: the repository root.
        output: the folder of reports on other datasets.
        params: the file of parameters, below the root unless its path is absolute.

    Raises:
        UserError: no benchmark has tables on other datasets.
    """
    parameters = read_parameters(root / params)
    transfers = read_transfers(parameters, root)
    if not transfers:
        raise UserError(
            f"{root / EXTERNAL / 'tables'}: no transfer.csv of any benchmark. Make one: "
            "`acsbench tables-external <benchmark>`."
        )
    apply_style()
    save_figure(draw_matrix(transfers, parameters), output / "figures" / "matrix", matrix_finding(transfers))
    remove_others(output / "figures", {"matrix.svg", "matrix.png"}, {".svg", ".png"})
