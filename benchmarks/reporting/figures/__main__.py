"""Figures of a benchmark from its stored tables: `python -m benchmarks.reporting.figures <benchmark> [--all]`.

Only those are drawn whose code or numbers have changed since, unless all are asked for.
"""

import argparse
from pathlib import Path

from benchmarks.errors import entry_point
from benchmarks.reporting.figures.real_images import write_local
from benchmarks.reporting.figures.write import write_figures


@entry_point
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", help="its name in params.yaml")
    parser.add_argument("--all", action="store_true", help="draw every figure anew")
    arguments = parser.parse_args()
    material, anew = write_figures(arguments.benchmark, Path(), Path("reports"), arguments.all, progress=True)
    print(f"Drawn anew: {', '.join(anew) or 'none, all are as they were'}.")
    if write_local(material):
        print(f"Real images for this machine alone: reports/local/{arguments.benchmark}/")


if __name__ == "__main__":
    main()
