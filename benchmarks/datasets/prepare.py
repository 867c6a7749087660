"""Verify a dataset, decode it once and write it as arrays: `acsbench prepare <dataset>`.

Reads `data/<dataset>/`, writes `prepared/datasets/<dataset>/` (docs/contracts.md, "Prepared dataset"). The same files
always give the same bytes. Nothing is written unless everything is as published.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.datasets import Case, Dataset, find_dataset
from benchmarks.datasets.files import UNAVAILABLE, replacing
from benchmarks.datasets.prepared import PREPARED
from benchmarks.datasets.verification import verified_cases
from benchmarks.errors import UserError
from benchmarks.scoring.run_length import encode

DATA = Path("data")


def natural_key(name: str) -> list[tuple[int, str]]:
    """Sorts `benign (2)` before `benign (10)`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def case_row(case: Case) -> dict:
    """A case as a row of the table, without its offset."""
    height, width = case.image.shape
    return {
        "case": case.name,
        "class": case.class_name,
        "group": case.group,
        "height": height,
        "width": width,
        "mask": encode(case.union),
        "first_mask": encode(case.first_mask),
        "flags": ";".join(case.flags),
    }


def prepare(dataset: Dataset, source: Path, target: Path) -> None:
    """Write `target/pixels.npy` and `target/cases.parquet` from the files in `source`.

    Raises `UserError` that tells all problems where the files are not as published; `target` is then left as it was.
    """
    rows, images = [], []
    for case in verified_cases(dataset, source):
        rows.append(case_row(case))
        images.append(case.image)
    order = sorted(range(len(rows)), key=lambda index: natural_key(rows[index]["case"]))
    cases = pd.DataFrame([rows[index] for index in order])
    sizes = cases["height"] * cases["width"]
    cases["offset"] = sizes.cumsum() - sizes

    with replacing(target / "cases.parquet") as cases_part, replacing(target / "pixels.npy") as pixels_part:
        # Written, not mapped into memory: a disk that is full is then an error, not a signal that ends the process.
        with open(pixels_part, "wb") as file:
            shape = (int(sizes.sum()),)
            np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
            for index in order:
                file.write(images[index].tobytes())
        cases.to_parquet(cases_part, index=False)


def prepare_dataset(name: str, source: Path | None = None) -> Path:
    """Prepare a dataset by its name; returns the folder that was written.

    Args:
        name: of a dataset that has a reader.
        source: the folder of its files, `data/<name>` by default.

    Raises:
        UserError: there is no such dataset, it could not be had, or see `prepare`.
    """
    dataset = find_dataset(name)
    source = source or DATA / name
    if (source / UNAVAILABLE).is_file():
        raise UserError((source / UNAVAILABLE).read_text(encoding="utf-8").strip())
    prepare(dataset, source, PREPARED / name)
    return PREPARED / name
