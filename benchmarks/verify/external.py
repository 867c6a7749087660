"""What is committed of tests on other datasets: tables and figures from scores, scores from predictions."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.configuration import read_parameters
from benchmarks.reporting.figures.external import write_matrix
from benchmarks.reporting.tables.external import EXTERNAL, write_external_tables
from benchmarks.scoring.external import score_external
from benchmarks.verify.differences import differences_between
from benchmarks.verify.faults import Outcome


def external_checks(root: Path, workers: int = 1) -> list[tuple[str, str, Callable[[], Outcome] | None, Outcome]]:
    """Of each check its rung, its subject, what makes it (none where it cannot be made) and what is told then."""
    checks: list[tuple[str, str, Callable[[], Outcome] | None, Outcome]] = []
    for folder in sorted((root / EXTERNAL / "cases").glob("*/")):
        name, subject = folder.name, f"{folder.name}, other datasets"
        checks.append(("a", subject, partial(check_external_tables, name, root), ("", [])))
        lacking = [path for path in prepared_for(name, root) if not path.is_dir()]
        make = None if lacking else partial(check_external_scores, name, root, workers)
        told = f"skipped: no {lacking[0].relative_to(root)}" if lacking else ""
        checks.append(("b", subject, make, (told, [])))
    if (root / EXTERNAL / "figures").is_dir():
        checks.append(("a", f"{EXTERNAL}/figures", partial(check_matrix, root), ("", [])))
    return checks


def prepared_for(benchmark: str, root: Path) -> list[Path]:
    """The folders of the prepared datasets that a benchmark is tested on."""
    settings = read_parameters(root / "params.yaml").benchmark(benchmark)
    return [root / "prepared" / "external" / f"{name}-{settings.image_size}" for name in settings.test_on]


def check_external_tables(benchmark: str, root: Path) -> Outcome:
    """Rung (a): the tables of one benchmark from its scores on its own cases and on other datasets."""
    with tempfile.TemporaryDirectory() as folder:
        write_external_tables(benchmark, root, Path(folder))
        return compared(root, Path(folder), f"tables/{benchmark}", "files rebuilt")


def check_matrix(root: Path) -> Outcome:
    """Rung (a): the drawing of every network on every test set."""
    with tempfile.TemporaryDirectory() as folder:
        write_matrix(root, Path(folder))
        return compared(root, Path(folder), "figures", "files rebuilt")


def check_external_scores(benchmark: str, root: Path, workers: int = 1) -> Outcome:
    """Rung (b): case scores and truth of one benchmark on other datasets, from the predictions and the data."""
    with tempfile.TemporaryDirectory() as folder:
        score_external(benchmark, root, Path(folder), workers=workers, progress=False)
        outcome, differences = compared(root, Path(folder), f"cases/{benchmark}", "tables of scores made anew")
        return outcome, differences + compared(root, Path(folder), f"truth/{benchmark}", "")[1]


def compared(root: Path, folder: Path, place: str, what: str) -> Outcome:
    differences = differences_between(root / EXTERNAL / place, folder / place, f"{EXTERNAL}/{place}")
    files = [path for path in (folder / place).rglob("*") if path.is_file() and path.name != "digests.json"]
    return f"{len(files)} {what}", differences
