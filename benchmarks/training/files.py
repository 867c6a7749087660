"""What a run writes: tensors, JSON and tables, each whole or as before (`benchmarks/whole_files.py`)."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from benchmarks.whole_files import write


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
