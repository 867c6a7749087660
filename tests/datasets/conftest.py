"""Real datasets prepared once per session, and small made files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from benchmarks.datasets import find_dataset
from benchmarks.datasets.download import copy_mirror
from benchmarks.datasets.prepare import prepare


def prepared_from(mirror: Path, folder: Path, name: str) -> tuple[Path, pd.DataFrame, np.ndarray]:
    dataset = find_dataset(name)
    source, target = folder / "data", folder / "prepared"
    copy_mirror(dataset, mirror, source)
    prepare(dataset, source, target)
    return source, pd.read_parquet(target / "cases.parquet"), np.load(target / "pixels.npy", mmap_mode="r")


@pytest.fixture(scope="session")
def busi(mirror, tmp_path_factory):
    """BUSI's folder, its prepared case table and its pixels."""
    return prepared_from(mirror, tmp_path_factory.mktemp("busi"), "busi")


@pytest.fixture(scope="session")
def breast(mirror, tmp_path_factory):
    """BrEaST's folder, its prepared case table and its pixels."""
    return prepared_from(mirror, tmp_path_factory.mktemp("breast"), "breast")


@pytest.fixture
def write_image():
    """Writes an array as an image file, making its folders."""

    def write(path: Path, array: np.ndarray) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(array).save(path)

    return write
