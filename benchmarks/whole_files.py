"""Files and folders that are either whole or as before: each is written beside its place, and moved into it.

What a kill leaves behind is a hidden `.partial` file, which nothing reads; `remove_partial` clears a folder of them.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
