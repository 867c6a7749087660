"""Files are whole or not there, on a full disk too."""

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks.errors import UserError
from benchmarks.training import files


@pytest.mark.parametrize("name", ["state.pt", "record.json", "curves.csv", "predictions.parquet"])
def test_a_full_disk_leaves_the_last_whole_file(tmp_path, full_disk, name):
    def write(length: int) -> None:
        numbers = np.random.default_rng(0).random(length)
        match name.rpartition(".")[2]:
            case "pt":
                files.write_tensors(tmp_path / name, {"x": torch.tensor(numbers)})
            case "json":
                files.write_json(tmp_path / name, numbers.tolist())
            case _:
                files.write_table(tmp_path / name, pd.DataFrame({"x": numbers}))

    write(10)
    whole = (tmp_path / name).read_bytes()
    with (
        full_disk(50_000),
        pytest.raises(UserError, match=rf"{name}: cannot be written: .*goes on from what is whole"),
    ):
        write(100_000)
    assert (tmp_path / name).read_bytes() == whole
    assert [path.name for path in tmp_path.iterdir()] == [name]
