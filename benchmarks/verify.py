"""The reviewer's ladder: check what is committed, as far up as this machine allows.

    python -m benchmarks.verify [--cell <benchmark>/<model>]

(a) tables, figures, pages and cards from committed scores: no data, no torch;
(b) scores from committed predictions: where `prepared/benchmarks/<benchmark>/` is at hand;
(c) with `--cell`, one cell trained anew, judged against the stored intervals.

Prints a verdict and the time of each rung. The exit status is 1 at any difference.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError, entry_point
from benchmarks.reporting.cards.cards import CARDS, write_cards
from benchmarks.reporting.compare import compare
from benchmarks.reporting.labels import METRICS, dice_of, number, with_interval
from benchmarks.reporting.page.render import render_page
from benchmarks.reporting.results import benchmarks_with_cases, read_cases, read_csv
from benchmarks.scoring.score import score_benchmark
from benchmarks.statistics.estimates.intervals import summarise

VOLATILE = {"digests.json"}  # what scoring remembers about itself


@dataclass(frozen=True)
class Verdict:
    """The outcome of one rung on one benchmark; `differences` is empty where all is the same."""

    rung: str
    subject: str
    outcome: str
    seconds: float
    differences: list[str]


def timed(rung: str, subject: str, check: Callable[[], tuple[str, list[str]]]) -> Verdict:
    began = time.perf_counter()
    outcome, differences = check()
    return Verdict(rung, subject, outcome, time.perf_counter() - began, differences)


def differences_between(committed: Path, rebuilt: Path, name: str) -> list[str]:
    """What differs between two folders, file by file, each line naming file, row and column; empty if nothing does."""
    files = [
        {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name not in VOLATILE}
        for folder in (committed, rebuilt)
    ]
    found = [f"{name}/{file}: committed, but not made by this code" for file in sorted(files[0] - files[1])]
    found += [f"{name}/{file}: made by this code, but not committed" for file in sorted(files[1] - files[0])]
    for file in sorted(files[0] & files[1]):
        found += [f"{name}/{file}: {line}" for line in file_differences(committed / file, rebuilt / file)]
    return found


def file_differences(committed: Path, rebuilt: Path) -> Iterator[str]:
    """How two files of one name differ: pixels of PNG, cells of CSV and Parquet, lines of any other text."""
    if committed.read_bytes() == rebuilt.read_bytes():
        return
    if committed.suffix == ".png":
        yield from pixel_differences(committed, rebuilt)
    elif committed.suffix == ".parquet":
        yield from cell_differences(pd.read_parquet(committed), pd.read_parquet(rebuilt))
    elif committed.suffix == ".csv":
        tables = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in (committed, rebuilt)]
        yield from list(cell_differences(*tables)) or ["same cells, other bytes (line ends or quotes)"]
    else:
        yield from line_differences(committed.read_text(encoding="utf-8"), rebuilt.read_text(encoding="utf-8"))


def pixel_differences(committed: Path, rebuilt: Path) -> Iterator[str]:
    first, second = (np.asarray(Image.open(path).convert("RGBA")) for path in (committed, rebuilt))
    if first.shape != second.shape:
        yield f"committed {first.shape[1]} x {first.shape[0]} pixels, rebuilt {second.shape[1]} x {second.shape[0]}"
    elif (different := (first != second).any(axis=2)).any():
        yield f"{different.sum()} of {different.size} pixels differ"


def cell_differences(committed: pd.DataFrame, rebuilt: pd.DataFrame) -> Iterator[str]:
    """One line per differing cell; rows are numbered as the lines of a CSV file, the heading being line 1."""
    if list(committed.columns) != list(rebuilt.columns):
        yield f"committed columns {', '.join(committed)}; rebuilt {', '.join(rebuilt)}"
        return
    if len(committed) != len(rebuilt):
        yield f"committed {len(committed)} rows, rebuilt {len(rebuilt)}"
        return
    for column in committed:
        first, second = committed[column], rebuilt[column]
        for row in np.flatnonzero(~((first == second) | (first.isna() & second.isna()))):
            yield f"row {row + 2}, column {column}: committed {first[row]!s:.60}, rebuilt {second[row]!s:.60}"


def line_differences(committed: str, rebuilt: str) -> Iterator[str]:
    pairs = zip_longest(committed.splitlines(), rebuilt.splitlines(), fillvalue="(no such line)")
    for row, (first, second) in enumerate(pairs, 1):
        if first != second:
            column = next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), 0)
            near = slice(max(0, column - 20), column + 40)
            yield f"row {row}, column {column + 1}: committed {first[near]!r}, rebuilt {second[near]!r}"


def check_tables(benchmark: str, root: Path) -> tuple[str, list[str]]:
    """Rung (a) for one benchmark: tables and figures from its scores."""
    with tempfile.TemporaryDirectory() as folder:
        compare(benchmark, root, Path(folder))
        differences = [
            line
            for kind in ("tables", "figures")
            for line in differences_between(
                root / "reports" / kind / benchmark, Path(folder) / kind / benchmark, f"reports/{kind}/{benchmark}"
            )
        ]
        count = sum(path.is_file() for path in Path(folder).rglob("*"))
    return f"{count} files rebuilt", differences


def pages(root: Path) -> list[Path]:
    """The main page and those of single benchmarks, as far as they are there."""
    return [
        path for path in (root / "reports" / "index.html", *sorted(root.glob("reports/*/index.html"))) if path.is_file()
    ]


def shown_on(page: Path) -> list[str]:
    """The benchmarks that a page says it shows; none if it does not say."""
    named = re.search(r'<meta name="benchmarks" content="([^"]*)">', page.read_text(encoding="utf-8"))
    return named.group(1).split() if named else []


def check_page(page: Path, root: Path) -> tuple[str, list[str]]:
    """Rung (a) for a page: the same text from the committed tables and figures."""
    benchmarks = shown_on(page)
    if not benchmarks:
        return "not rebuilt", [f"{page.relative_to(root)}: does not say which benchmarks it shows"]
    rebuilt = render_page(benchmarks, root, page.parent)
    differences = line_differences(page.read_text(encoding="utf-8"), rebuilt)
    return f"rebuilt, of {', '.join(benchmarks)}", [f"{page.relative_to(root)}: {line}" for line in differences]


def check_cards(root: Path) -> tuple[str, list[str]]:
    """Rung (a) for the cards of datasets and models."""
    with tempfile.TemporaryDirectory() as folder:
        count = write_cards(root, Path(folder))
        return f"{count} cards rebuilt", differences_between(root / CARDS, Path(folder), str(CARDS))


def check_scores(benchmark: str, root: Path) -> tuple[str, list[str]]:
    """Rung (b): case scores and truth from the committed predictions and the data."""
    with tempfile.TemporaryDirectory() as folder:
        score_benchmark(benchmark, root, Path(folder), workers=os.cpu_count() or 1)
        differences = [
            line
            for kind in ("cases", "forensics")
            if (root / "reports" / kind / benchmark).is_dir()
            for line in differences_between(
                root / "reports" / kind / benchmark, Path(folder) / kind / benchmark, f"reports/{kind}/{benchmark}"
            )
        ]
        truth = root / "reports" / "truth" / f"{benchmark}.parquet"
        lines = file_differences(truth, Path(folder) / "truth" / truth.name)
        differences += [f"reports/truth/{truth.name}: {line}" for line in lines]
        count = len(list((Path(folder) / "cases" / benchmark).glob("*.csv")))
    return f"{count} models scored anew", differences


def train_anew(benchmark: str, model: str, root: Path) -> pd.DataFrame:
    """Train a cell in a folder of its own, `runs/verify/`, and return its case scores.

    An interrupted training goes on from there; the folder is removed once the cell is trained and scored.

    Raises:
        UserError: the training fails.
    """
    folder = root / "runs" / "verify" / f"{benchmark}-{model}"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("prepared", "params.yaml"):
        if not (folder / name).exists():
            (folder / name).symlink_to((root / name).resolve())
    command = [sys.executable, "-m", "benchmarks.training.train", benchmark, model]
    code = str(Path(__file__).resolve().parents[1])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([code, os.environ.get("PYTHONPATH", "")])}
    if subprocess.run(command, cwd=folder, env=environment, check=False).returncode:
        raise UserError(f"{benchmark}/{model} could not be trained anew; see above. What was trained lies in {folder}.")
    score_benchmark(benchmark, folder, workers=os.cpu_count() or 1)
    cases = read_cases(folder / "reports" / "cases" / benchmark / f"{model}.csv")
    shutil.rmtree(folder)
    return cases


def check_cell(cell: str, root: Path) -> tuple[str, list[str]]:
    """Rung (c): one cell trained anew; its mean Dice and AUC must lie within the stored intervals.

    Raises:
        UserError: the cell is not `<benchmark>/<model>`, unknown, has no stored scores, or its data are not prepared.
    """
    benchmark, _, model = cell.partition("/")
    settings = read_parameters(root / "params.yaml").benchmark(benchmark)
    stored = root / "reports" / "tables" / benchmark / "scores.csv"
    if not (root / "reports" / "cases" / benchmark / f"{model}.csv").is_file() or not stored.is_file():
        raise UserError(f"--cell: expected <benchmark>/<model> with stored scores and tables, found {cell!r}.")
    if not (root / "prepared" / "benchmarks" / benchmark).is_dir():
        raise UserError(
            f"{root / 'prepared' / 'benchmarks' / benchmark}: not there, and needed to train. "
            f"Run `dvc repro split@{benchmark}` first."
        )
    table = read_csv(stored, ["selection", "model", "metric", "estimate", "low", "high"])
    table = table[(table["selection"] == settings.selection.rule) & (table["model"] == model)].set_index("metric")
    anew = summarise(train_anew(benchmark, model, root), settings.selection.rule).set_index("metric")["estimate"]
    said, outside = [], []
    for metric in [m for m in (dice_of(settings.scoring), "auc") if m in table.index]:
        row, decimals = table.loc[metric], METRICS[metric].decimals
        within = row["low"] <= anew[metric] <= row["high"]
        interval = with_interval(row["estimate"], row["low"], row["high"], decimals)
        text = f"{METRICS[metric].label} {number(anew[metric], decimals)}, stored {interval}"
        said.append(f"{text}: {'within' if within else 'outside'}")
        if not within:
            outside.append(f"{cell}: {text}: outside the interval")
    return "; ".join(said), outside


def climb(root: Path, cell: str | None) -> Iterator[Verdict]:
    """The rungs that this machine can take, one verdict after another."""
    benchmarks = benchmarks_with_cases(root)
    if not benchmarks:
        raise UserError(f"{root / 'reports' / 'cases'}: no case scores, so there is nothing to verify.")
    for benchmark in benchmarks:
        yield timed("a", benchmark, lambda b=benchmark: check_tables(b, root))
    for page in pages(root):
        yield timed("a", str(page.relative_to(root)), lambda p=page: check_page(p, root))
    shown = {benchmark for page in pages(root) for benchmark in shown_on(page)}
    for benchmark in [benchmark for benchmark in benchmarks if benchmark not in shown]:
        remark = f"reports/cases/{benchmark}: shown on no page; `python -m benchmarks.reporting.page` makes one"
        yield Verdict("a", benchmark, "", 0, [remark])
    if (root / CARDS).is_dir():
        yield timed("a", str(CARDS), lambda: check_cards(root))
    for benchmark in benchmarks:
        if (root / "prepared" / "benchmarks" / benchmark).is_dir():
            yield timed("b", benchmark, lambda b=benchmark: check_scores(b, root))
        else:
            yield Verdict("b", benchmark, f"skipped: no prepared/benchmarks/{benchmark}", 0, [])
    if cell:
        yield timed("c", cell, lambda: check_cell(cell, root))
    else:
        yield Verdict("c", "one cell", "not asked for: --cell <benchmark>/<model>", 0, [])


def by_file(differences: list[str]) -> dict[str, list[str]]:
    """Differences under the file that each begins with: one changed score shows in many tables."""
    files: dict[str, list[str]] = {}
    for line in differences:
        files.setdefault(line.partition(":")[0], []).append(line)
    return files


RUNGS = {"a": "all that is shown, from scores", "b": "scores from predictions", "c": "a cell trained anew"}


@entry_point
def main() -> None:
    parser = argparse.ArgumentParser(description="Check what is committed, as far up as this machine allows.")
    parser.add_argument("--cell", metavar="BENCHMARK/MODEL", help="train this cell anew and judge it")
    arguments = parser.parse_args()
    differences = []
    for verdict in climb(Path(), arguments.cell):
        told = f"{len(verdict.differences)} DIFFERENCES" if verdict.differences else verdict.outcome
        print(
            f"({verdict.rung}) {RUNGS[verdict.rung]:32}{verdict.subject:38}{verdict.seconds:7.1f} s  {told}", flush=True
        )
        for lines in by_file(verdict.differences).values():
            more = f" (and {len(lines) - 1} more there)" if len(lines) > 1 else ""
            print(f"      {lines[0]}{more}")
        differences += verdict.differences
    if differences:
        raise UserError(f"{len(differences)} differences between what is committed and what was made anew.")
    print("Everything that was checked is as committed.")


if __name__ == "__main__":
    main()
