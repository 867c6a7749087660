"""One self-contained page of all results: `python -m benchmarks.reporting.page <output.html> <benchmark> [...]`."""

import argparse
from pathlib import Path

from benchmarks.errors import entry_point
from benchmarks.reporting.files import write_text
from benchmarks.reporting.page.render import render_page


@entry_point
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path, help="the page to write, such as reports/index.html")
    parser.add_argument("benchmarks", nargs="+", help="names in params.yaml")
    arguments = parser.parse_args()
    write_text(render_page(arguments.benchmarks, Path(), arguments.output.parent), arguments.output)
    print(f"The page: {arguments.output.resolve()}")


if __name__ == "__main__":
    main()
