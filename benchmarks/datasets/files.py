"""Writing files atomically, and reading tables that others wrote."""

import codecs
import csv
import io
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.errors import UserError

UNAVAILABLE = "UNAVAILABLE.txt"  # why a dataset could not be had, in the folder where its files would be
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@contextmanager
def replacing(target: Path) -> Generator[Path]:
    """A path to write to, which takes the place of `target` once all is written.

    A link at `target` (into DVC's cache, say) is replaced, never written through. Where the writing fails, nothing of
    it is left; a killed run leaves a `.part` file.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    try:
        yield part
        os.replace(part, target)
    except Exception as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno and not error.filename:
            error.filename = str(target)  # of a write that fails, the system does not say where
        raise


def place(source: Path, target: Path) -> None:
    """Copy a file's bytes to `target`, atomically."""
    with replacing(target) as part:
        shutil.copyfile(source, part)


def read_csv(path: Path, name: str, columns: tuple[str, ...], delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of a table, cells stripped.

    Raises:
        UserError: under `name`, if it is missing or empty, no UTF-8, otherwise separated than by `delimiter`, lacks a
            column, or has a row with more or fewer cells than columns.
    """
    expected = f"expected the columns {', '.join(columns)}, separated by {SEPARATORS[delimiter]}, in UTF-8"
    try:
        text = as_text(path.read_bytes())
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    except FileNotFoundError as error:
        raise UserError(f"{name}: missing; {expected}") from error
    except (OSError, ValueError, csv.Error) as error:
        raise UserError(f"{name}: not the table ({error}); {expected}") from error
    missing = [column for column in columns if not rows or column not in rows[0]]
    if missing:
        found = separator(text.partition("\n")[0])
        otherwise = f"; its first row is separated by {SEPARATORS[found]}" if found not in (delimiter, None) else ""
        raise UserError(f"{name}: {expected}; {', '.join(missing)} not found{otherwise}")
    for number, row in enumerate(rows, 2):
        if any(row.get(None, ())) or None in (row[column] for column in columns):
            raise UserError(f"{name}: row {number} has another number of cells than the first; {expected}")
    return [{column: row[column].strip() for column in columns} for row in rows]


def as_text(content: bytes) -> str:
    """A table's text; `ValueError` that names its encoding where it is not UTF-8."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError("it is in UTF-16: save it as UTF-8")
    if b"\0" in content:
        raise ValueError("it has zero bytes: UTF-16, or no text; save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not in UTF-8, but in Latin-1 perhaps ({error}): save it as UTF-8") from error


def separator(row: str) -> str | None:
    """What separates the cells of a row: whichever of the known ones occurs most often in it, if any does."""
    found = max(SEPARATORS, key=row.count)
    return found if found in row else None
