"""Check what is committed: `python -m benchmarks.verify [--cell <benchmark>/<model>] [--workers 2]`.

Prints a verdict and the time of each check, and at the end a table of all faults. The exit status is 1 at any fault.
"""

import argparse
import os
import sys
from pathlib import Path

from tqdm import tqdm

from benchmarks.errors import UserError, entry_point
from benchmarks.verify.asked import read_cell


@entry_point
def main() -> None:
    parser = argparse.ArgumentParser(description="Check what is committed, as far up as this machine allows.")
    parser.add_argument("--cell", metavar="BENCHMARK/MODEL", help="train this cell anew and judge it")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes side by side")
    arguments = parser.parse_args()
    if arguments.workers < 1:
        raise UserError(f"--workers: expected at least 1, found {arguments.workers}.")
    if arguments.cell:
        read_cell(arguments.cell, Path())
    # takes seconds; a wrong cell has been refused by now
    from benchmarks.verify.faults import by_file, table
    from benchmarks.verify.ladder import climb, ladder, line_of
    from benchmarks.verify.tracked import not_tracked, only_tracked

    home, faults = Path().resolve(), []
    with only_tracked(home) as root:
        checks = ladder(root, arguments.cell, arguments.workers, home)
        with tqdm(climb(checks, arguments.workers), total=len(checks), unit="check", leave=False, disable=None) as bar:
            for verdict in bar:
                with tqdm.external_write_mode():
                    print(line_of(verdict), flush=True)
                faults += verdict.faults
    if others := not_tracked(home):
        print(f"Not looked at, since git does not track them: {', '.join(others[:5])}{', ...' * (len(others) > 5)}.")
    if faults:
        print(f"\n{table(faults)}\n", flush=True)
        print(f"error: {len(faults)} faults in {len(by_file(faults))} files.", file=sys.stderr)
        sys.exit(1)
    print("Everything that was checked is as committed.")


if __name__ == "__main__":
    main()
