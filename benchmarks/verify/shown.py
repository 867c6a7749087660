"""Rung (a): tables, figures, pages and cards from committed scores. No data, no torch."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from benchmarks.reporting.cards.write import CARDS, write_cards
from benchmarks.reporting.figures.write import write_figures
from benchmarks.reporting.page.render import render_page
from benchmarks.reporting.results import rows_of
from benchmarks.reporting.tables.write import write_tables
from benchmarks.verify.differences import VOLATILE, differences_between, text_differences
from benchmarks.verify.faults import Fault, Outcome


def write_shown(benchmark: str, root: Path, output: Path) -> list[str]:
    """A benchmark's tables anew, below a folder, and its figures drawn from them; the names of those drawn.

    A committed figure whose digest is the remembered one is taken over: that is of the tables just made, the results,
    the code, the libraries and the figure's own bytes.
    """
    write_tables(benchmark, root, output)
    committed = root / "reports" / "figures" / benchmark
    if committed.is_dir():
        shutil.copytree(committed, output / "figures" / benchmark)  # what the links lead to
    return write_figures(benchmark, root, output)[1]


def check_tables(benchmark: str, root: Path) -> Outcome:
    """Tables and figures of a benchmark from its scores."""
    with tempfile.TemporaryDirectory() as folder:
        drawn = write_shown(benchmark, root, Path(folder))
        faults = [
            fault
            for kind in ("tables", "figures")
            for fault in differences_between(
                root / "reports" / kind / benchmark, Path(folder) / kind / benchmark, f"reports/{kind}/{benchmark}"
            )
        ]
        count = sum(path.is_file() and path.name not in VOLATILE for path in Path(folder).rglob("*"))
    return f"{count} files rebuilt, {len(drawn)} figures drawn", faults


def pages(root: Path) -> list[Path]:
    """The main page and those of single benchmarks, as far as they are there."""
    return [
        path for path in (root / "reports" / "index.html", *sorted(root.glob("reports/*/index.html"))) if path.is_file()
    ]


def shown_on(page: Path) -> list[str]:
    """The benchmarks that a page says it shows; none if it does not say."""
    named = re.search(r'<meta name="benchmarks" content="([^"]*)">', page.read_text(encoding="utf-8", errors="replace"))
    return named.group(1).split() if named else []


def check_page(page: Path, root: Path) -> Outcome:
    """The same text from the committed tables and figures."""
    benchmarks, name = shown_on(page), page.relative_to(root).as_posix()
    if not benchmarks:
        return "not rebuilt", [Fault(name, "which benchmarks it shows", "named in its head", "not named")]
    rebuilt = render_page(benchmarks, root, page.parent)
    if page.read_bytes() == rebuilt.encode():
        return f"rebuilt, of {', '.join(benchmarks)}", []
    return f"rebuilt, of {', '.join(benchmarks)}", list(text_differences(page.read_bytes(), rebuilt, name))


def check_cards(root: Path) -> Outcome:
    """The cards of datasets and models."""
    with tempfile.TemporaryDirectory() as folder:
        count = write_cards(root, Path(folder))
        faults = differences_between(root / CARDS, Path(folder), CARDS.as_posix())
    return f"{count} cards rebuilt", faults


def check_costs(root: Path) -> Outcome:
    """The costs that `docs/networks.md` prints are those of `reports/networks.csv`, digit by digit."""
    page, table = root / "docs" / "networks.md", root / "reports" / "networks.csv"
    if not (page.is_file() and table.is_file()):
        return "skipped: no docs/networks.md or reports/networks.csv", []
    measured = pd.read_csv(table, dtype={"digest": str})
    printed = dict(rows_of_costs(page.read_text(encoding="utf-8")))
    faults = []
    for row in rows_of(measured):
        expected = (f"{row.parameters / 1e6:.2f}", f"{row.multiply_adds / 1e9:.2f}", f"{row.seconds:.2f}")
        if (found := printed.pop(row.model, None)) != expected:
            faults.append(
                Fault("docs/networks.md", f"cost of {row.model}", ", ".join(expected), ", ".join(found or ("none",)))
            )
    faults += [
        Fault("docs/networks.md", f"cost of {model}", "none: not in reports/networks.csv", "there") for model in printed
    ]
    return f"{len(measured)} networks", faults


def rows_of_costs(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each network with its numbers; of the columns of seconds, one for each processor, the one that is filled."""
    section = text.partition("\n## Cost\n")[2].partition("\n## ")[0]
    for model, cells in re.findall(r"^\| `(\w+)` \|(.*)\|$", section, re.MULTILINE):
        yield model, tuple(cell.strip() for cell in cells.split("|") if cell.strip())
