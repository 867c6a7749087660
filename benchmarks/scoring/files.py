"""Files that are written whole or not at all, the same bytes on every machine as far as the format allows."""

import io
import os
from pathlib import Path

import pandas as pd


def write(path: Path, content: bytes) -> None:
    """Write beside the path, then move into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    except OSError as error:  # a full disk, say: nothing of it is left
        partial.unlink(missing_ok=True)
        error.filename = error.filename or str(path)
        raise


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
