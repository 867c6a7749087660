"""How what is committed differs from what was made anew: files of a folder, pixels, cells, lines."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

VOLATILE = {"digests.json"}  # what scoring and drawing remember about themselves


def differences_between(committed: Path, rebuilt: Path, name: str) -> list[str]:
    """What differs between two folders, file by file, each line naming file, row and column; empty if nothing does."""
    files = [
        {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name not in VOLATILE}
        for folder in (committed, rebuilt)
    ]
    found = [f"{name}/{file}: committed, but not made by this code" for file in sorted(files[0] - files[1])]
    found += [f"{name}/{file}: made by this code, but not committed" for file in sorted(files[1] - files[0])]
    for file in sorted(files[0] & files[1]):
        found += [f"{name}/{file}: {line}" for line in file_differences(committed / file, rebuilt / file)]
    return found


def file_differences(committed: Path, rebuilt: Path) -> Iterator[str]:
    """How two files of one name differ: pixels of PNG, cells of CSV and Parquet, lines of any other text."""
    if committed.read_bytes() == rebuilt.read_bytes():
        return
    if committed.suffix == ".png":
        yield from pixel_differences(committed, rebuilt)
    elif committed.suffix == ".parquet":
        yield from cell_differences(pd.read_parquet(committed), pd.read_parquet(rebuilt))
    elif committed.suffix == ".csv":
        tables = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in (committed, rebuilt)]
        yield from list(cell_differences(*tables)) or ["same cells, other bytes (line ends or quotes)"]
    else:
        yield from line_differences(committed.read_text(encoding="utf-8"), rebuilt.read_text(encoding="utf-8"))


def pixel_differences(committed: Path, rebuilt: Path) -> Iterator[str]:
    first, second = (np.asarray(Image.open(path).convert("RGBA")) for path in (committed, rebuilt))
    if first.shape != second.shape:
        yield f"committed {first.shape[1]} x {first.shape[0]} pixels, rebuilt {second.shape[1]} x {second.shape[0]}"
    elif (different := (first != second).any(axis=2)).any():
        yield f"{different.sum()} of {different.size} pixels differ"


def cell_differences(committed: pd.DataFrame, rebuilt: pd.DataFrame) -> Iterator[str]:
    """One line per differing cell; rows are numbered as the lines of a CSV file, the heading being line 1."""
    if list(committed.columns) != list(rebuilt.columns):
        yield f"committed columns {', '.join(committed)}; rebuilt {', '.join(rebuilt)}"
        return
    if len(committed) != len(rebuilt):
        yield f"committed {len(committed)} rows, rebuilt {len(rebuilt)}"
        return
    for column in committed:
        first, second = committed[column], rebuilt[column]
        for row in np.flatnonzero(~((first == second) | (first.isna() & second.isna()))):
            yield f"row {row + 2}, column {column}: committed {first[row]!s:.60}, rebuilt {second[row]!s:.60}"


def line_differences(committed: str, rebuilt: str) -> Iterator[str]:
    pairs = zip_longest(committed.splitlines(), rebuilt.splitlines(), fillvalue="(no such line)")
    for row, (first, second) in enumerate(pairs, 1):
        if first != second:
            column = next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), 0)
            near = slice(max(0, column - 20), column + 40)
            yield f"row {row}, column {column + 1}: committed {first[near]!r}, rebuilt {second[near]!r}"
