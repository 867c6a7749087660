"""Files that are either whole or not there: each is written beside its place and moved into it."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from benchmarks.errors import UserError


def write(path: Path, writer: Callable[[Path], Any]) -> None:
    """Call `writer` on a path beside `path`, then move the result into place.

    Raises:
        UserError: it cannot be written; what stood at `path` still stands there, and nothing else is left.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer(partial)
        os.replace(partial, path)
    except (OSError, RuntimeError) as error:  # torch says RuntimeError of a disk that is full
        partial.unlink(missing_ok=True)
        first = str(error).partition("\n")[0]
        raise UserError(
            f"{path}: could not be written ({first}). Make room or allow writing, then run the same command again: "
            "training goes on from the last epoch that is whole."
        ) from error


def write_tensors(path: Path, content: dict) -> None:
    write(path, lambda partial: torch.save(content, partial))


def write_json(path: Path, content: Any) -> None:
    write(path, lambda partial: partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8"))


def write_table(path: Path, table: pd.DataFrame) -> None:
    """CSV with six significant digits, or Parquet by the path's ending."""
    if path.suffix == ".parquet":
        write(path, lambda partial: table.to_parquet(partial, index=False, compression="zstd", compression_level=19))
    else:
        write(path, lambda partial: table.to_csv(partial, index=False, float_format="%.6g"))
