"""Read what the pipeline stored about a benchmark: case scores, curves, records, truth and predictions."""

import json
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.configuration import PARAMETERS, Benchmark, Parameters, read_parameters
from benchmarks.configuration.stages import way_to
from benchmarks.errors import UserError
from benchmarks.reporting.labels import EXTERNAL, is_external
from benchmarks.reporting.recipes import own_recipes

STANDARD_COLUMNS = ["dice", "iou", "hd95", "hd95_larger_side", "assd", "nsd", "empty"]
RELEASED_COLUMNS = ["released_dice", "released_jaccard", "released_hd95", "released_asd"]
RUN_COLUMNS = ["case", "class", "label", "group", "seed", "fold", "selection", "epoch", "probability"]
CASE_COLUMNS = RUN_COLUMNS + STANDARD_COLUMNS + RELEASED_COLUMNS
TEXT_COLUMNS: dict[Hashable, type[str]] = {"case": str, "class": str, "group": str, "selection": str}
PREDICTION_COLUMNS = ["selection", "seed", "fold", "case", "epoch", "probability", "height", "width", "mask"]
TRUTH_COLUMNS = ["case", "class", "label", "group", "height", "width", "flags", "area", "grid", "mask", "ceiling_dice"]


@dataclass(frozen=True)
class Results:
    """All that is stored about one benchmark; every table has a column `model` where it holds several models."""

    benchmark: str
    models: list[str]  # the reference first, the others by name
    cases: pd.DataFrame
    curves: pd.DataFrame  # empty where no model has any
    records: dict[str, dict]
    truth: pd.DataFrame  # indexed by case; empty where it is not stored
    own_recipes: dict[str, str] = field(default_factory=dict)  # of `recipes.own_recipes`
    settings: Benchmark | None = None  # as declared; None where it is made up

    def selected(self, selection: str) -> pd.DataFrame:
        """The case scores under one selection rule.

        Raises:
            UserError: no model was scored under it.
        """
        chosen = self.cases[self.cases["selection"] == selection]
        if chosen.empty:
            known = ", ".join(sorted(self.cases["selection"].unique()))
            raise UserError(
                f"reports/cases/{self.benchmark}: no scores for the selection rule {selection!r}; found {known}."
            )
        return chosen


def benchmarks_with_cases(root: Path) -> list[str]:
    """The names of the benchmarks that have case scores under `root`/reports, sorted."""
    return sorted({path.parent.name for path in (root / "reports" / "cases").glob("*/*.csv")})


def read_results(benchmark: str, root: Path, parameters: Parameters | None = None) -> Results:
    """Read a benchmark's stored results below the repository root: the models that others are compared with first.

    Args:
        benchmark: its name.
        root: the repository root.
        parameters: those of the root's `params.yaml` if not given.

    Raises:
        UserError: there are no case scores, a file lacks a column, holds a row twice or cannot be read, or the
            models were not scored on the same cases.
    """
    reports = root / "reports"
    files = sorted((reports / "cases" / benchmark).glob("*.csv"))
    if not files:
        known = ", ".join(benchmarks_with_cases(root)) or "none"
        raise UserError(
            f"{reports / 'cases' / benchmark}: no case scores (*.csv). Benchmarks that have some: {known}. "
            f"Run {way_to('score', benchmark, root=root)} to make them."
        )
    parameters = parameters or read_parameters(root / PARAMETERS)
    references = parameters.references_of(benchmark)
    models = sorted(path.stem for path in files)
    models = [*(model for model in references if model in models), *(m for m in models if m not in references)]
    tables = [read_cases(reports / "cases" / benchmark / f"{model}.csv") for model in models]
    cases = pd.concat(
        [
            as_compared(table, benchmark, parameters.benchmark(benchmark)) if is_external(model) else table
            for model, table in zip(models, tables, strict=True)
        ]
    )
    check_same_cases(cases, f"reports/cases/{benchmark}")
    return Results(
        benchmark,
        models,
        cases.reset_index(drop=True),
        read_curves(reports / "curves" / benchmark, models),
        read_records(reports / "records" / benchmark, models),
        read_truth(reports / "truth" / f"{benchmark}.parquet"),
        own_recipes(benchmark, models, parameters),
        parameters.benchmarks.get(benchmark),
    )


def read_cases(path: Path) -> pd.DataFrame:
    """One model's case scores, with a column `model`."""
    table = read_csv(path, CASE_COLUMNS)
    key = ["selection", "seed", "case"]
    doubled = table[table.duplicated(key)]
    if not doubled.empty:
        raise UserError(f"{path}: row {row_text(doubled.iloc[0], key)} stands there twice; expected once.")
    return table.assign(model=path.stem)


def as_compared(submitted: pd.DataFrame, benchmark: str, settings: Benchmark) -> pd.DataFrame:
    """A submission's rows as they stand in the comparison: under the benchmark's own selection rule and seeds.

    A submission names no rule, and its seeds are numbers from elsewhere: the first of them takes the place of the
    benchmark's first seed, and so on; what is left over is numbered on.

    Raises:
        UserError: a row is of another selection rule than `external`.
    """
    if set(submitted["selection"]) != {"external"}:
        raise UserError(
            f"reports/cases/{benchmark}: a model whose name begins with {EXTERNAL} must have the selection rule "
            f"external throughout; found {', '.join(sorted(set(submitted['selection'])))}. Submit it again."
        )
    own = sorted(settings.training.seeds)
    places = dict(zip(sorted(submitted["seed"].unique()), chain(own, count(own[-1] + 1)), strict=False))
    return submitted.assign(selection=settings.selection.rule, seed=submitted["seed"].map(places))


def rows_of(table: pd.DataFrame) -> Iterator[Any]:
    """The rows of a table, each with the columns as attributes: which there are, the checker of types cannot know."""
    return iter(table.itertuples(index=False))


def row_text(row: pd.Series, columns: Iterable[str]) -> str:
    return ", ".join(f"{column} {row[column]}" for column in columns)


def read_csv(path: Path, columns: list[str]) -> pd.DataFrame:
    """A CSV file that must have these columns and at least one row."""
    try:
        table = pd.read_csv(path, dtype=TEXT_COLUMNS, keep_default_na=True)
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a readable CSV file: {error}") from error
    check_columns(table, columns, path)
    return table


def check_columns(table: pd.DataFrame, columns: list[str], path: Path) -> None:
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise UserError(f"{path}: expected the columns {', '.join(columns)}; missing {', '.join(missing)}.")
    if table.empty:
        raise UserError(f"{path}: has no rows.")


def check_same_cases(cases: pd.DataFrame, where: str) -> None:
    """Every model, seed and selection rule must have been scored on the same cases."""
    expected = set(cases["case"])
    for (model, selection, seed), rows in cases.groupby(["model", "selection", "seed"]):  # ty: ignore[not-iterable]  # pandas: a group's key is a Hashable
        missing = sorted(expected - set(rows["case"]))
        if missing:
            raise UserError(
                f"{where}/{model}.csv: selection {selection}, seed {seed}: {len(missing)} of {len(expected)} cases are "
                f"missing, first {missing[0]!r}. Score the model again."
            )


def read_curves(folder: Path, models: list[str]) -> pd.DataFrame:
    tables = [
        read_csv(path, ["seed", "fold", "epoch"]).assign(model=model)
        for model in models
        if (path := folder / f"{model}.csv").is_file()
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def read_records(folder: Path, models: list[str]) -> dict[str, dict]:
    records = {}
    for model in models:
        path = folder / f"{model}.json"
        if not path.is_file():
            continue
        try:
            records[model] = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise UserError(f"{path}: not valid JSON: {error}") from error
    return records


def read_truth(path: Path) -> pd.DataFrame:
    """The truth of a benchmark, indexed by case."""
    if not path.is_file():
        return pd.DataFrame(columns=TRUTH_COLUMNS).set_index("case")
    return read_parquet(path, TRUTH_COLUMNS).set_index("case")


def read_predictions(benchmark: str, model: str, root: Path, settings: Benchmark | None = None) -> pd.DataFrame:
    """One model's predictions, or an empty table where none are stored.

    Args:
        benchmark: its name.
        model: its name.
        root: the repository root.
        settings: the benchmark's; those of the root's `params.yaml` if not given.
    """
    path = root / "reports" / "predictions" / benchmark / f"{model}.parquet"
    if not path.is_file():
        return pd.DataFrame(columns=PREDICTION_COLUMNS)
    table = read_parquet(path, PREDICTION_COLUMNS)
    if not is_external(model):
        return table
    return as_compared(table, benchmark, settings or read_parameters(root / PARAMETERS).benchmark(benchmark))


def read_parquet(path: Path, columns: list[str]) -> pd.DataFrame:
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not a readable Parquet file: {error}") from error
    check_columns(table, columns, path)
    return table
