"""What is wrong with a committed file, and the table in which a run ends."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import NamedTuple

from benchmarks.errors import UserError

WIDEST = 60  # letters of a cell


class Fault(NamedTuple):
    """One difference between a committed file and what it should be."""

    file: str  # from the root of the repository
    what: str  # the place in it, or the property
    expected: str
    found: str


Outcome = tuple[str, list[Fault]]  # what was done, in words, and what is wrong


def table(faults: Iterable[Fault]) -> str:
    """A row for each file with its first fault and the number of others: one changed score shows in many places."""
    rows = [Fault("file", "what", "expected", "found")]
    for of_file in by_file(faults).values():
        first, more = of_file[0], len(of_file) - 1
        rows.append(first._replace(what=first.what + (f" (and {more} more)" if more else "")))
    cells = [(row.file, *map(shortened, row[1:])) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def shortened(cell: str) -> str:
    line = " ".join(cell.split())
    return line if len(line) <= WIDEST else line[: WIDEST - 3] + "..."


def by_file(faults: Iterable[Fault]) -> dict[str, list[Fault]]:
    files: dict[str, list[Fault]] = {}
    for fault in faults:
        files.setdefault(fault.file, []).append(fault)
    return files


def going_on(subject: str, make: Callable[[], Outcome]) -> Callable[[], Outcome]:
    """The check with whatever stops it as one more fault, so that all that comes after is looked at, too."""

    @wraps(make)
    def run() -> Outcome:
        try:
            return make()
        except UserError as error:
            return "stopped", [Fault(subject, "could not be made anew", "-", str(error))]
        except Exception as error:  # a damaged file, in whatever library it is noticed
            return "stopped", [Fault(subject, "could not be made anew", "-", f"{type(error).__name__}: {error}")]

    return run
