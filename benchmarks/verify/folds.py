"""Rung (a): folds drawn anew from the cases, classes and groups that stand in them. No data."""

from collections.abc import Iterator
from functools import lru_cache
from io import StringIO
from pathlib import Path

import pandas as pd

from benchmarks.configuration import Parameters, Split, read_parameters
from benchmarks.datasets.prepared import PREPARED
from benchmarks.errors import UserError
from benchmarks.protocols.split import FOLDS, fold_table
from benchmarks.reporting.results import TEXT_COLUMNS
from benchmarks.reporting.tables.transfer import EXTERNAL
from benchmarks.verify.agreed import same_rows
from benchmarks.verify.differences import cell_differences
from benchmarks.verify.faults import Fault, Outcome


def check_folds(root: Path) -> Outcome:
    """Every fold file is what its benchmark's rule makes of its cases, and these are those of the dataset."""
    parameters, files, faults = read_parameters(root / "params.yaml"), sorted((root / FOLDS).glob("*.csv")), []
    for path in files:
        name = f"{FOLDS.as_posix()}/{path.name}"
        try:
            faults += of_file(path, name, parameters, root)
        except (UserError, ValueError, KeyError) as error:
            faults.append(Fault(name, "the file", "folds of a benchmark", str(error)))
    return f"{len(files)} drawn anew", faults


def of_file(path: Path, name: str, parameters: Parameters, root: Path) -> Iterator[Fault]:
    settings, text = parameters.benchmark(path.stem), path.read_text(encoding="utf-8")
    drawn = redrawn(text, settings.split)
    if drawn != text:
        tables = [pd.read_csv(StringIO(content), dtype=str, keep_default_na=False) for content in (text, drawn)]
        found = list(cell_differences(*tables, name))
        yield from found or [Fault(name, "bytes", "as written by the split", "other line ends or quotes")]
    table = pd.read_csv(StringIO(text), dtype=TEXT_COLUMNS)
    if (facts := facts_of(path.stem, parameters, root)) is not None:
        source, cases = facts
        known = cases[cases["class"].isin(settings.classes)]
        yield from same_rows(table, known, ["case"], ["class", "group"], name, f" ({source})")


@lru_cache(maxsize=64)  # several benchmarks share a split
def redrawn(text: str, split: Split) -> str:
    cases = pd.read_csv(StringIO(text), dtype={"case": str, "class": str, "group": str})
    return fold_table(cases[["case", "class", "group"]], split).to_csv(index=False)


def facts_of(name: str, parameters: Parameters, root: Path) -> tuple[str, pd.DataFrame] | None:
    """All cases of a benchmark's dataset as another file has them, and which one: the prepared data, or else the truth
    of a benchmark that tests on all of them, or else other folds. None where there is no such file."""
    settings = parameters.benchmark(name)
    prepared = root / PREPARED / settings.dataset / "cases.parquet"
    if prepared.is_file():
        return "prepared data", pd.read_parquet(prepared)
    own = [other for other, benchmark in parameters.benchmarks.items() if benchmark.dataset == settings.dataset]
    whole = [other for other in own if parameters.benchmarks[other].trained_folds is None]  # others have a part of it
    truths = {f"truth of {other}": root / "reports" / "truth" / f"{other}.parquet" for other in whole}
    for other, benchmark in parameters.benchmarks.items():
        if settings.dataset in benchmark.test_on and set(settings.classes) <= set(benchmark.classes):
            truth = root / EXTERNAL / "truth" / other / f"{settings.dataset}.parquet"
            truths[f"truth of {settings.dataset} as a test of {other}"] = truth
    for source, truth in truths.items():
        if truth.is_file():
            return source, pd.read_parquet(truth)
    for other in own:
        if other != name and (folds := root / FOLDS / f"{other}.csv").is_file():
            return f"folds of {other}", pd.read_csv(folds, dtype=TEXT_COLUMNS)
    return None
