"""How what is committed differs from what was made anew: files of a folder, pixels, cells, lines."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks.verify.faults import Fault

VOLATILE = {"digests.json"}  # what scoring and drawing remember about themselves


def differences_between(committed: Path, rebuilt: Path, name: str) -> list[Fault]:
    """What differs between two folders, file by file, each with row and column; empty if nothing does."""
    files = [
        {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name not in VOLATILE}
        for folder in (committed, rebuilt)
    ]
    found = [
        Fault(f"{name}/{file}", "the file", "none: not made by this code", "there")
        for file in sorted(files[0] - files[1])
    ]
    found += [
        Fault(f"{name}/{file}", "the file", "there: made by this code", "missing")
        for file in sorted(files[1] - files[0])
    ]
    for file in sorted(files[0] & files[1]):
        found += file_differences(committed / file, rebuilt / file, f"{name}/{file}")
    return found


def file_differences(committed: Path, rebuilt: Path, name: str) -> Iterator[Fault]:
    """How two files differ: pixels of PNG, cells of CSV and Parquet, lines of any other text."""
    if committed.read_bytes() == rebuilt.read_bytes():
        return
    try:
        if committed.suffix == ".png":
            yield from pixel_differences(committed, rebuilt, name)
        elif committed.suffix == ".parquet":
            yield from cell_differences(pd.read_parquet(committed), pd.read_parquet(rebuilt), name)
        elif committed.suffix == ".csv":
            tables = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in (committed, rebuilt)]
            found = list(cell_differences(*tables, name))
            yield from found or [
                Fault(name, "bytes", "as written by this code", "the same cells, other line ends or quotes")
            ]
        else:
            yield from text_differences(committed.read_bytes(), rebuilt.read_text(encoding="utf-8"), name)
    except (OSError, ValueError, SyntaxError) as error:  # PIL raises the last of damaged PNG
        yield Fault(name, "the file", "readable", f"{type(error).__name__}: {error}")


def pixel_differences(committed: Path, rebuilt: Path, name: str) -> Iterator[Fault]:
    pixels = []
    for path in (committed, rebuilt):
        with Image.open(path) as image:
            pixels.append(np.asarray(image.convert("RGBA")))
    first, second = pixels
    if first.shape != second.shape:
        yield Fault(name, "size", f"{second.shape[1]} x {second.shape[0]}", f"{first.shape[1]} x {first.shape[0]}")
    elif (different := (first != second).any(axis=2)).any():
        yield Fault(name, "pixels", "as drawn anew", f"{different.sum()} of {different.size} differ")


def cell_differences(committed: pd.DataFrame, rebuilt: pd.DataFrame, name: str) -> Iterator[Fault]:
    """One fault per differing cell; rows are numbered as the lines of a CSV file, the heading being line 1."""
    if list(committed.columns) != list(rebuilt.columns):
        yield Fault(name, "columns", ", ".join(rebuilt), ", ".join(committed))
        return
    if len(committed) != len(rebuilt):
        yield Fault(name, "rows", str(len(rebuilt)), str(len(committed)))
        return
    for column in committed:
        first, second = committed[column], rebuilt[column]
        for row in np.flatnonzero(~((first == second) | (first.isna() & second.isna()))):
            yield Fault(name, f"row {row + 2}, column {column}", str(second[row]), str(first[row]))


def text_differences(committed: bytes, rebuilt: str, name: str) -> Iterator[Fault]:
    text = committed.decode(errors="replace")
    found = list(line_differences(text, rebuilt, name))
    yield from found or [Fault(name, "bytes", "as written by this code", "the same lines, other line ends")]


def line_differences(committed: str, rebuilt: str, name: str) -> Iterator[Fault]:
    pairs = zip_longest(committed.splitlines(), rebuilt.splitlines(), fillvalue="(no such line)")
    for row, (first, second) in enumerate(pairs, 1):
        if first != second:
            column = next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), 0)
            near = slice(max(0, column - 20), column + 40)
            yield Fault(name, f"row {row}, column {column + 1}", second[near], first[near])
