"""Files that are written whole or not at all, the same bytes on every machine as far as the format allows."""

import io
from pathlib import Path

import pandas as pd

from benchmarks import whole_files


def write(path: Path, content: bytes) -> None:
    """Write a file whole, or leave it as it was.

    Raises:
        UserError: it cannot be written (a full disk, for one).
    """
    whole_files.write(path, lambda partial: partial.write_bytes(content))


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
