"""Files that are written whole or not at all, the same bytes on every machine as far as the format allows."""

import io
import os
from pathlib import Path

import pandas as pd

from benchmarks.errors import UserError


def write(path: Path, content: bytes) -> None:
    """Write beside the path, under a name of this process's own, then move into place.

    Raises:
        UserError: it cannot be written (a full disk, for one); what stood there before still does.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # or a power loss might leave an empty file in its place
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UserError(
            f"{path}: cannot be written: {error}. What stood there before is untouched. Free space or mend the "
            "permissions, then run the command again: it goes on from what is whole."
        ) from error


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write a table, unless the same stands there: another version of the writer must not make a difference."""
    try:
        if pd.read_parquet(path).equals(table):
            return
    except (OSError, ValueError):
        pass
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False, compression="zstd", compression_level=19)
    write(path, buffer.getvalue())
