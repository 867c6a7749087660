"""What the figures of a benchmark are drawn from: its stored tables and results."""

import dataclasses
from pathlib import Path

import pandas as pd

from benchmarks.configuration import PARAMETERS, read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting.labels import dice_of
from benchmarks.reporting.results import Results, read_results
from benchmarks.reporting.style import NAMED
from benchmarks.reporting.tables.stored import read_stored


@dataclasses.dataclass(frozen=True)
class Material:
    root: Path  # of the repository
    results: Results
    tables: dict[str, pd.DataFrame]  # as stored, by name; those that have rows
    selection: str  # the benchmark's own rule
    dice: str  # the column of Dice

    @property
    def models(self) -> list[str]:
        """In the order of drawing."""
        return self.results.models

    def selected(self) -> pd.DataFrame:
        """The case scores under the benchmark's own rule."""
        return self.results.selected(self.selection)


def gather(benchmark: str, root: Path, tables: Path, params: Path = PARAMETERS) -> Material:
    """The material of a benchmark.

    Args:
        benchmark: its name.
        root: the repository root.
        tables: the folder of its tables.
        params: the file of parameters, below the root unless its path is absolute.

    Raises:
        UserError: see `results.read_results`; or there are no tables.
    """
    parameters = read_parameters(root / params)
    settings = parameters.benchmark(benchmark)
    selection, dice = settings.selection.rule, dice_of(settings.scoring)
    results = read_results(benchmark, root, parameters.reference, parameters)
    if not (tables / "scores.csv").is_file():
        raise UserError(f"{tables}: no tables. Make them first: `acsbench tables {benchmark}`.")
    stored = {path.stem: read_stored(path) for path in sorted(tables.glob("*.csv"))}
    return Material(root, in_drawing_order(results, selection, dice), stored, selection, dice)


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
