"""Links of the page: to files beside it and to other pages."""

import os
from collections.abc import Callable
from pathlib import Path

from benchmarks.configuration import Parameters
from benchmarks.reporting.twins import twin_of

FRONT = Path("reports/index.html")


def relative(path: Path, folder: Path) -> str:
    """The link from the page's folder to a file."""
    return os.path.relpath(path, folder).replace(os.sep, "/")


def link_if_there(path: Path, link: Callable[[Path], str]) -> str | None:
    """The link to a file that need not exist."""
    return link(path) if path.is_file() else None


def page_of(benchmark: str, parameters: Parameters) -> Path:
    """Which page shows a benchmark, from the repository's root.

    On the front page is what `front_page` names; where that is empty, the study `comparison` and the ungrouped twins of
    its benchmarks. All else is on its own.
    """
    compared = parameters.studies["comparison"].benchmarks if "comparison" in parameters.studies else {}
    front = benchmark in parameters.front_page
    if not parameters.front_page:
        front = benchmark in compared or twin_of(benchmark, parameters) in compared
    return FRONT if front else Path("reports") / benchmark / "index.html"


def other_pages(shown: list[str], parameters: Parameters, root: Path, folder: Path) -> list[dict]:
    """The studies' benchmarks that other pages show: name, description, link from this page's folder.

    Those whose tables are on file, of the datasets that `dvc repro` prepares: what is in git on every machine alike,
    whichever page is made first.
    """
    studies = parameters.studies.values()
    declared = {benchmark: dataset for study in studies for benchmark, dataset in study.benchmarks.items()}
    found = []
    for name, dataset in declared.items():
        page = root / page_of(name, parameters)
        on_file = (root / "reports" / "tables" / name / "main.csv").is_file()
        elsewhere = name not in shown and page.parent.resolve() != folder.resolve()
        if on_file and dataset in parameters.datasets and elsewhere:
            anchor = f"#{name}" if page == root / FRONT else ""
            description = parameters.benchmark(name).description
            found.append({"name": name, "description": description, "link": relative(page, folder) + anchor})
    return found
