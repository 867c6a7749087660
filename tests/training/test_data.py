"""Reading a prepared benchmark for training: damaged files are told."""

from pathlib import Path

import pytest
import torch

from benchmarks.errors import UserError
from benchmarks.training import data


@pytest.mark.parametrize("name", ["images.npz", "cases.parquet", "folds.csv"])
def test_damaged_files_are_told(make_cell, name):
    cell = make_cell()
    file = Path("prepared/benchmarks/tiny") / name
    content = file.read_bytes()
    flipped = bytes(byte ^ 0xFF for byte in content[len(content) // 4 : len(content) // 2])
    for damaged in (flipped, content[: len(content) // 4] + flipped + content[len(content) // 2 :], content[:40], b""):
        file.write_bytes(damaged)
        with pytest.raises(
            UserError,
            match=r"prepared/benchmarks/tiny: (damaged or incomplete|folds.csv and cases.parquet list different)",
        ):
            data.load("tiny", cell.benchmark, torch.device("cpu"))
