"""Files that are either whole or not there: each is written beside its place and moved into it."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import torch


def write(path: Path, writer: Callable[[Path], Any]) -> None:
    """Call `writer` on a path beside `path`, then move the result into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    writer(partial)
    os.replace(partial, path)


def write_tensors(path: Path, content: dict) -> None:
    write(path, lambda partial: torch.save(content, partial))


def write_json(path: Path, content: Any) -> None:
    write(path, lambda partial: partial.write_text(json.dumps(content, indent=1) + "\n"))


def write_table(path: Path, table: pd.DataFrame) -> None:
    """CSV with six significant digits, or Parquet by the path's ending."""
    if path.suffix == ".parquet":
        write(path, lambda partial: table.to_parquet(partial, index=False, compression="zstd", compression_level=19))
    else:
        write(path, lambda partial: table.to_csv(partial, index=False, float_format="%.6g"))
