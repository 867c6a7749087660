"""What the figures of a benchmark are drawn from: its stored tables and results."""

import dataclasses
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import pandas as pd

from benchmarks.configuration import PARAMETERS, Parameters, read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting.labels import dice_of
from benchmarks.reporting.names import PLAIN, Names, names_of
from benchmarks.reporting.results import Results, read_results
from benchmarks.reporting.style import NAMED, Appearance, appearances
from benchmarks.reporting.tables.stored import read_stored


@dataclasses.dataclass(frozen=True)
class Material:
    root: Path  # of the repository
    results: Results
    tables: dict[str, pd.DataFrame]  # as stored, by name; those that have rows
    selection: str  # the benchmark's own rule
    dice: str  # the column of Dice
    names: Names = PLAIN  # results and tables hold labels in the place of entries
    places: Mapping[str, int] = dataclasses.field(default_factory=dict)  # of the models, by label, among all colours

    @property
    def models(self) -> list[str]:
        """In the order of drawing."""
        return self.results.models

    @cached_property
    def looks(self) -> dict[str, Appearance]:
        """How each model is drawn, by label, in the order of drawing: those in the background first."""
        return appearances(self.models, self.places)

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
    results = read_results(benchmark, root, parameters)
    if not (tables / "scores.csv").is_file():
        raise UserError(f"{tables}: no tables. Make them first: `acsbench tables {benchmark}`.")
    names = names_of(benchmark, results.models, parameters)
    stored = {path.stem: names.in_table(read_stored(path)) for path in sorted(tables.glob("*.csv"))}
    shown = labelled(in_drawing_order(results, selection, dice), names)
    return Material(root, shown, stored, selection, dice, names, colour_places(names, parameters))


def labelled(results: Results, names: Names) -> Results:
    """The results with labels in the place of entries, but for the files that they are read from."""
    return dataclasses.replace(
        results,
        models=names.all_of(results.models),
        cases=names.in_table(results.cases),
        curves=names.in_table(results.curves),
        records={names.of(model): record for model, record in results.records.items()},
    )


def colour_places(names: Names, parameters: Parameters) -> dict[str, int]:
    """Each model's place in `params.yaml`, by label: the same in all benchmarks, so that it keeps its colour."""
    studies = parameters.studies
    first = [studies["comparison"]] if "comparison" in studies else []
    ordered = dict.fromkeys(model for study in [*first, *studies.values()] for model in study.models)
    others = [model for model in ordered if model != parameters.reference]
    return {names.of(model): place for place, model in enumerate(others) if model in names.labels}


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
