"""A machine's rows replace its own and leave the others'."""

import pandas as pd
import pytest

from benchmarks.errors import UserError
from benchmarks.measuring.speed.table import COLUMNS, merged, read_speed

ISSUE = ["machine", "device", "job", "conventional_seconds", "seconds", "ratio", "share_of_ceiling"]


def row(machine, job, seconds, device="cpu"):
    return {"machine": machine, "device": device, "job": job, "seconds": seconds}


def test_columns():
    assert COLUMNS[: len(ISSUE)] == ISSUE


def test_merging(tmp_path):
    path = tmp_path / "speed.csv"
    assert read_speed(path).empty
    first = merged(read_speed(path), [row("a", "x", 1.0), row("a", "y", 2.0), row("b", "x", 3.0)])
    first.to_csv(path, index=False)
    second = merged(read_speed(path), [row("a", "x", 9.0), row("a", "x", 4.0, "gpu")])
    assert second[["machine", "device", "job", "seconds"]].to_numpy().tolist() == [
        ["a", "cpu", "x", 9.0],
        ["a", "cpu", "y", 2.0],
        ["b", "cpu", "x", 3.0],
        ["a", "gpu", "x", 4.0],
    ]


def test_a_table_without_a_column_is_refused(tmp_path):
    pd.DataFrame({"machine": ["a"]}).to_csv(tmp_path / "speed.csv", index=False)
    with pytest.raises(UserError, match="share_of_ceiling"):
        read_speed(tmp_path / "speed.csv")
