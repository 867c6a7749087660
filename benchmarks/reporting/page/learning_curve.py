"""How much budget is enough: sentences that follow from the stored learning curve, its table and its drawing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from benchmarks.reporting.figures.learning_curve import along, drawn_axes
from benchmarks.reporting.labels import METRICS, number, p_value_text, with_interval
from benchmarks.reporting.names import Names
from benchmarks.reporting.page.drawings import figure_part
from benchmarks.reporting.page.stored_tables import sortable
from benchmarks.reporting.results import rows_of
from benchmarks.reporting.tables.stored import read_stored
from benchmarks.reporting.wording import counted, listed

DRAWN = "Each network beside itself, on the same cases; bars: 95% intervals."


def learning_curve_part(benchmark: str, root: Path, link: Callable[[Path], str], names: Names) -> dict | None:
    """Sentences, outcome, table and drawing; `None` where the benchmark has no learning curve."""
    path = root / "reports" / "tables" / benchmark / "learning_curve.csv"
    drawing = root / "reports" / "figures" / benchmark / "learning_curve.svg"
    if not path.is_file():
        return None
    table = read_stored(path)
    facts = table.iloc[0]
    return {
        "sentences": [names.in_text(text) for axis in drawn_axes(table) for text in axis_text(table, axis)],
        "outcome": names.in_text("; ".join(outcome(table, axis) for axis in drawn_axes(table))),
        "table": sortable(printed(table), names),
        "cases": f"{counted(int(facts['cases']), 'case')} in {counted(int(facts['groups']), 'group')}",
        "figure": figure_part(drawing, DRAWN, link) if drawing.is_file() else None,
        "file": path.name,
        "link": link(path),
    }


def axis_text(table: pd.DataFrame, axis: str) -> Iterator[str]:
    """A sentence for each network: its numbers along an axis, and what the last step adds."""
    for model, own in along(table, axis).groupby("model", sort=False):
        parts = []
        for metric, points in own.groupby("metric", sort=False):
            kind, points = METRICS[str(metric)], points.sort_values(axis)
            values = listed([number(value, kind.decimals) for value in points["estimate"]])
            parts.append(f"{kind.label} {values}{last_step(points)}")
        yield f"{model}, {at(own, axis)}: {'; '.join(parts)}."


def at(table: pd.DataFrame, axis: str) -> str:
    """`at 64, 96 and 128 pixels` or `with 25%, 50% and 100% of the training cases`."""
    values = sorted(table[axis].unique())
    if axis == "share":
        return f"with {listed([f'{100 * value:g}%' for value in values])} of the training cases"
    return f"at {listed([f'{value:g}' for value in values])} pixels"


def last_step(points: pd.DataFrame) -> str:
    """What the step to the largest point changes, where the benchmark itself is at either end of it.

    Args:
        points: one network's, by one metric, smallest first.
    """
    ends, decimals = points.iloc[-2:], METRICS[points["metric"].iloc[0]].decimals
    compared = ends.dropna(subset="difference")
    if len(compared) != 1:
        return ""
    other = compared.iloc[0]
    change = [other["difference"], other["difference_low"], other["difference_high"]]
    if pd.isna(ends["difference"].iloc[-1]):  # stored is the smaller point minus the benchmark
        change = [-change[0], -change[2], -change[1]]
    return f" (the last step: {with_interval(*change, decimals)}, p {p_value_text(other['p_holm'])})"


def outcome(table: pd.DataFrame, axis: str) -> str:
    """The range of mean Dice over networks along an axis."""
    metric = table["metric"].iloc[0]
    means, kind = along(table[table["metric"] == metric], axis).groupby(axis)["estimate"].mean(), METRICS[metric]
    first, last = (number(value, kind.decimals) for value in (means.iloc[0], means.iloc[-1]))
    least, most = means.index[0], means.index[-1]
    if axis == "share":
        return f"{kind.label}, mean: {first} with {100 * least:g}% of the training cases, {last} with {100 * most:g}%"
    return f"{kind.label}, mean: {first} at {least:g} pixels, {last} at {most:g}"


def printed(table: pd.DataFrame) -> pd.DataFrame:
    """The table as texts."""
    rows = []
    for row in rows_of(table):
        decimals = METRICS[row.metric].decimals
        difference = with_interval(row.difference, row.difference_low, row.difference_high, decimals)
        rows.append(
            {
                "Metric": METRICS[row.metric].heading,
                "Network": row.model,
                "Pixels": f"{row.image_size}",
                "Training cases": f"{100 * row.share:g}%",
                "Epochs": f"{row.epochs}",
                "Estimate": with_interval(row.estimate, row.low, row.high, decimals),
                "Difference": difference,
                "p (Holm)": p_value_text(row.p_holm),
                "Benchmark": row.benchmark,
            }
        )
    return pd.DataFrame(rows)
