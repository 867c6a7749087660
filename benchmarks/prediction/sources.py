"""Where weights are fetched from, as it is typed. Imports nothing slow: a wrong name is told at once."""

import os
import re
from pathlib import Path

from benchmarks.datasets.download import MIRROR
from benchmarks.errors import UserError

ADDRESS = ("http://", "https://")


def located(source: str) -> str:
    """The folder or address of a source; `BENCHMARK/MODEL` is one of the mirror's.

    Raises:
        UserError: it is none of these.
    """
    if source.startswith(ADDRESS) or Path(source).is_dir():
        return source.rstrip("/")
    mirror = os.environ.get(MIRROR, "")
    if mirror and re.fullmatch(r"[\w.-]+/[\w.-]+", source):
        return f"{mirror.rstrip('/')}/weights/{source}"
    raise UserError(
        f"{source}: expected a folder, an http(s) address, or BENCHMARK/MODEL of a mirror whose folder or address the "
        f"environment variable {MIRROR} names."
    )
