"""Tables of a benchmark from its stored scores: `python -m benchmarks.reporting.tables <benchmark>`."""

import argparse
from pathlib import Path

from benchmarks.errors import entry_point
from benchmarks.reporting.tables.write import write_tables


@entry_point
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benchmark", help="its name in params.yaml")
    write_tables(parser.parse_args().benchmark, Path(), Path("reports"))


if __name__ == "__main__":
    main()
