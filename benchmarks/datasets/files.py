"""Writing files atomically, and reading tables that others wrote."""

import csv
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.errors import UserError

UNAVAILABLE = "UNAVAILABLE.txt"  # why a dataset could not be had, in the folder where its files would be


@contextmanager
def replacing(target: Path) -> Generator[Path]:
    """A path to write to, which takes the place of `target` once all is written.

    A link at `target` (into DVC's cache, say) is replaced, never written through. A killed run leaves a `.part` file.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    yield part
    os.replace(part, target)


def place(source: Path, target: Path) -> None:
    """Copy a file's bytes to `target`, atomically."""
    with replacing(target) as part:
        shutil.copyfile(source, part)


def read_csv(path: Path, name: str, columns: tuple[str, ...], delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of a table, cells stripped; `UserError`, under `name`, if it is missing, no text, or lacks a column."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file, delimiter=delimiter))
    except FileNotFoundError as error:
        raise UserError(f"{name}: missing; expected a table with the columns {', '.join(columns)}") from error
    except (ValueError, csv.Error) as error:
        raise UserError(f"{name}: not a table ({error}); expected the columns {', '.join(columns)}") from error
    missing = [column for column in columns if not rows or column not in rows[0]]
    if missing:
        raise UserError(f"{name}: expected the columns {', '.join(columns)}; {', '.join(missing)} not found")
    return [{column: (row[column] or "").strip() for column in columns} for row in rows]
