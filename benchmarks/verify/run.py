"""The ladder climbed: a line for each check as soon as it is made, and at the end a table of all faults."""

import sys
from pathlib import Path

from tqdm import tqdm

from benchmarks.verify.faults import by_file, table
from benchmarks.verify.ladder import climb, ladder, line_of
from benchmarks.verify.tracked import not_tracked, only_tracked


def verify(root: Path, cell: str | None, workers: int) -> bool:
    """Check what a repository has committed and print the verdicts; returns whether all is as it should be.

    Args:
        root: the repository.
        cell: `<benchmark>/<model>`, to be trained anew; see `asked.read_cell`.
        workers: processes side by side.

    Raises:
        UserError: there is nothing to verify.
    """
    home, faults = root.resolve(), []
    with only_tracked(home) as tracked:
        checks = ladder(tracked, cell, workers, home)
        with tqdm(climb(checks, workers), total=len(checks), unit="check", leave=False, disable=None) as bar:
            for verdict in bar:
                with tqdm.external_write_mode():
                    print(line_of(verdict), flush=True)
                faults += verdict.faults
    if others := not_tracked(home):
        print(f"Not looked at, since git does not track them: {', '.join(others[:5])}{', ...' * (len(others) > 5)}.")
    if faults:
        print(f"\n{table(faults)}\n", flush=True)
        print(f"error: {len(faults)} faults in {len(by_file(faults))} files.", file=sys.stderr)
        return False
    print("Everything that was checked is as committed.")
    return True
