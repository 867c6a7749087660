"""Another dataset's cases as a benchmark's networks see their own.

`acsbench prepare-external <dataset> <size>` writes `prepared/external/<dataset>-<size>/`
(docs/contracts.md, "Prepared external dataset"), which every benchmark of that image size shares.
"""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.configuration import Parameters
from benchmarks.configuration.ranges import CLASSES
from benchmarks.datasets import find_dataset
from benchmarks.datasets.clinical import clinical_facts
from benchmarks.datasets.prepare import DATA
from benchmarks.datasets.prepared import benchmark_arrays, read_prepared
from benchmarks.errors import UserError

PREPARED = Path("prepared/external")


def external_name(dataset: str, size: int) -> str:
    """What a dataset's arrays of that image size are called."""
    return f"{dataset}-{size}"


def check_external(name: str, parameters: Parameters) -> None:
    """Whether a benchmark can be tested on the datasets that it names.

    Raises:
        UserError: one of them is unknown, holds images that the benchmark trains on, or lacks one of its classes.
    """
    benchmark = parameters.benchmark(name)
    own = find_dataset(benchmark.dataset)
    for other in benchmark.test_on:
        dataset, where = find_dataset(other), f"params.yaml: benchmarks.{name}.test_on: {other}"
        if dataset.page == own.page:
            raise UserError(f"{where}: expected another dataset's images; they are of {own.name}'s publication.")
        if lacking := [wanted for wanted in benchmark.classes if not dataset.counts.get(wanted)]:
            raise UserError(f"{where}: expected cases of each class of the benchmark, found no {', '.join(lacking)}.")


def external_cases(cases: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """The benign and malignant cases of a prepared dataset with `label`, `device` and `birads`, in their order."""
    cases = cases[cases["class"].isin(CLASSES)].reset_index(drop=True)
    cases["label"] = cases["class"].map({name: label for label, name in enumerate(CLASSES)})
    stated = facts.astype({"case": str}).drop_duplicates("case").set_index("case").reindex(cases["case"])
    return cases.assign(**{column: stated[column].fillna("").to_numpy() for column in ("device", "birads")})


def write_external(dataset: str, size: int) -> Path:
    """Write a dataset's cases as arrays of `size` x `size` pixels, by the same code as a benchmark's own.

    Raises:
        UserError: the dataset is unknown, not prepared, its table cannot be read, or no benchmark can have that size.
    """
    if size < 32 or size % 32:
        raise UserError(f"size: expected a multiple of 32, as an image_size in params.yaml, found {size}.")
    found = find_dataset(dataset)
    cases, pixels = read_prepared(dataset)
    cases = external_cases(cases, clinical_facts(found, DATA / dataset))
    images, masks, _ = benchmark_arrays(cases, pixels, size)
    folder = PREPARED / external_name(dataset, size)
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    np.savez_compressed(partial / "images.npz", images=images, masks=masks)
    cases.drop(columns="offset").to_parquet(partial / "cases.parquet", index=False)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return folder
