"""`predictions.csv` while it grows: rows are appended to a file beside it, which takes its place once all are there."""

import csv
import hashlib
import os
import tempfile
from pathlib import Path

from benchmarks.errors import UserError
from benchmarks.prediction.description import Description

COLUMNS = (
    "file",
    "frame",
    "height",
    "width",
    "probability",
    "probability_min",
    "probability_max",
    "area_pixels",
    "area_share",
    "mask",
    "overlay",
    "note",
)
TABLE = "predictions.csv"
Key = tuple[str, str]  # file and frame, as the table has them


def digest_of(networks: list[Description]) -> str:
    """The networks that a table is of, as twelve digits: another table is never gone on with."""
    told = " ".join(f"{about.cell} {about.seed} {about.fold} {about.weights} {about.stored}" for about in networks)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def check_out(out: Path) -> None:
    """Make the folder of results, before anything is loaded or predicted.

    Raises:
        UserError: it holds a finished table, or cannot be written.
    """
    try:
        if (out / TABLE).exists():
            raise UserError(f"{out / TABLE}: there already. Name another folder with --out, or move this one away.")
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise UserError(f"--out: {out} cannot be written: {error.strerror}. Name another folder.") from error


class GrowingTable:
    """A table of predictions by these networks; what an interrupted call left of it is gone on with."""

    def __init__(self, out: Path, networks: list[Description]):
        """Open it in a folder that `check_out` has seen."""
        self.path = out / TABLE
        self.partial = out / f".predictions-{digest_of(networks)}.partial"
        self.done = keep_whole_rows(self.partial)
        self.file = open(self.partial, "a", newline="", encoding="utf-8")  # noqa: SIM115  (closed by `finish` or `close`)
        self.rows = csv.DictWriter(self.file, COLUMNS)
        if not self.file.tell():
            self.rows.writeheader()

    def add(self, rows: list[dict[str, object]]) -> None:
        """Append rows whose masks are written."""
        self.rows.writerows(rows)
        self.file.flush()

    def finish(self) -> None:
        """All rows are there."""
        os.fsync(self.file.fileno())
        self.close()
        os.replace(self.partial, self.path)

    def close(self) -> None:
        self.file.close()


def keep_whole_rows(partial: Path) -> set[Key]:
    """What an interrupted call has predicted; a last row that it left half written is cut off."""
    if not partial.is_file():
        return set()
    with open(partial, newline="", encoding="utf-8", errors="replace") as file:
        text = file.read()
    whole = text[: text.rfind("\r\n") + 2] if "\r\n" in text else ""
    rows = list(csv.DictReader(whole.splitlines()))
    partial.write_text(whole, encoding="utf-8", newline="")
    return {(row["file"], row["frame"]) for row in rows}
