"""Rung (a): tables, figures, pages and cards from committed scores. No data, no torch."""

import re
import tempfile
from pathlib import Path

from benchmarks.reporting.cards.write import CARDS, write_cards
from benchmarks.reporting.figures.write import write_figures
from benchmarks.reporting.page.render import render_page
from benchmarks.reporting.tables.write import write_tables
from benchmarks.verify.differences import VOLATILE, differences_between, line_differences


def write_shown(benchmark: str, root: Path, output: Path) -> None:
    """A benchmark's tables, and its figures drawn from them, all anew, below a folder."""
    write_tables(benchmark, root, output)
    write_figures(benchmark, root, output, everything=True)


def check_tables(benchmark: str, root: Path) -> tuple[str, list[str]]:
    """Rung (a) for one benchmark: tables and figures from its scores."""
    with tempfile.TemporaryDirectory() as folder:
        write_shown(benchmark, root, Path(folder))
        differences = [
            line
            for kind in ("tables", "figures")
            for line in differences_between(
                root / "reports" / kind / benchmark, Path(folder) / kind / benchmark, f"reports/{kind}/{benchmark}"
            )
        ]
        count = sum(path.is_file() and path.name not in VOLATILE for path in Path(folder).rglob("*"))
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
