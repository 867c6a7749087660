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
    for source, cases in facts_of(settings.dataset, parameters, root):
        known = cases[cases["class"].isin(settings.classes)]
        yield from same_rows(table, known, ["case"], ["class", "group"], name, f" ({source})")


@lru_cache(maxsize=64)  # several benchmarks share a split
def redrawn(text: str, split: Split) -> str:
    cases = pd.read_csv(StringIO(text), dtype={"case": str, "class": str, "group": str})
    return fold_table(cases[["case", "class", "group"]], split).to_csv(index=False)


def facts_of(dataset: str, parameters: Parameters, root: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """The cases of a dataset as other files have them: the prepared data, or else a truth, or else other folds."""
    prepared = root / PREPARED / dataset / "cases.parquet"
    if prepared.is_file():
        yield "prepared data", pd.read_parquet(prepared)
        return
    own = [name for name, benchmark in parameters.benchmarks.items() if benchmark.dataset == dataset]
    own.sort(key=lambda name: parameters.benchmarks[name].trained_folds is not None)  # a part has a part of the truth
    for name in own:
        if (truth := root / "reports" / "truth" / f"{name}.parquet").is_file():
            yield f"truth of {name}", pd.read_parquet(truth)
            return
    for name in own:
        if (other := root / FOLDS / f"{name}.csv").is_file():
            yield f"folds of {name}", pd.read_csv(other, dtype=TEXT_COLUMNS)
            return
