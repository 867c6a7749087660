"""Files that are either whole or not there: each is written beside its place, brought to disk, and moved into it.

What a kill leaves behind is a hidden `.partial` file, which nothing reads; `remove_partial` clears a folder of them.
"""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from benchmarks.errors import UserError


def write(path: Path, writer: Callable[[Path], Any]) -> None:
    """Call `writer` on a path beside `path`, flush what it wrote to disk, then move it into place.

    The name beside it is this process's own, so that two that write one file do not mix.

    Raises:
        UserError: it cannot be written (a full disk, for one); what stood there before still does.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer(partial)
        flush(partial)
        os.replace(partial, path)
        flush(path.parent)
    except (OSError, RuntimeError) as error:  # torch says the latter where the disk is full
        partial.unlink(missing_ok=True)
        raise UserError(
            f"{path}: cannot be written: {' '.join(str(error).split())[:200]}. What stood there before is untouched. "
            "Free space or mend the permissions, then run the command again: it goes on from what is whole."
        ) from error
    except BaseException:  # a stop with Ctrl-C, for one
        partial.unlink(missing_ok=True)
        raise


def flush(path: Path) -> None:
    """Bring a file, or what a folder lists, from the system's memory to disk: a power loss must not cut it short."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def swap_in(folder: Path, target: Path) -> None:
    """Move a folder that lies beside another into its place; the old one goes only when the new one is there."""
    old = target.with_name(f".{target.name}.{os.getpid()}.old")
    if target.exists():
        os.rename(target, old)
    try:
        os.rename(folder, target)
    except BaseException:
        if old.exists():
            os.rename(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def remove_partial(folder: Path) -> None:
    """Remove what killed processes left half-written in a folder. Its lock must be held."""
    for path in folder.glob(".*.partial"):
        path.unlink(missing_ok=True)


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
