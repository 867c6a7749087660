"""Check what is committed: `python -m benchmarks.verify [--cell <benchmark>/<model>] [--workers 2]`.

Prints a verdict and the time of each check. The exit status is 1 at any difference.
"""

import argparse
import os
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
    from benchmarks.verify.ladder import climb, ladder, lines_of  # takes seconds; a wrong cell has been refused by now

    checks, differences = ladder(Path(), arguments.cell, arguments.workers), []
    with tqdm(climb(checks, arguments.workers), total=len(checks), unit="check", leave=False, disable=None) as verdicts:
        for verdict in verdicts:
            with tqdm.external_write_mode():
                print("\n".join(lines_of(verdict)), flush=True)
            differences += verdict.differences
    if differences:
        raise UserError(f"{len(differences)} differences between what is committed and what was made anew.")
    print("Everything that was checked is as committed.")


if __name__ == "__main__":
    main()
