"""Everything that may be wrong with a table of predictions is found, named, and reported together."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.errors import UserError
from benchmarks.scoring.predictions import digest, problems, read_predictions
from benchmarks.scoring.run_length import encode
from benchmarks.scoring.truth import read_benchmark


@pytest.fixture
def found(root, predictions):
    """The problems of the predictions after a change to them."""

    def after(change) -> list[str]:
        table = predictions.copy()
        return problems(change(table), read_benchmark("made", root))

    return after


def setting(column: str, row: int, value):
    """A change of one cell."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        table[column] = table[column].astype(object)
        table.loc[row, column] = value
        return table

    return change


def test_good_predictions(found):
    assert found(lambda table: table) == []
    assert found(lambda table: table.assign(probability=np.nan)) == []
    assert found(lambda table: table.assign(mask=None, height=None, width=None)) == []


def test_masks_of_native_size(found, root):
    """A case's native size is welcome beside the grid's."""
    change = {"height": 40, "width": 60, "mask": encode(np.ones((40, 60), bool))}
    assert found(lambda table: pd.concat([table[1:], table[:1].assign(**change)])) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table[:0], "it has no rows"),
        (lambda table: table[1:], r"selection inner_validation, seed 1: 1 of 8 cases missing: case \(1\)"),
        (lambda table: pd.concat([table, table[9:10]]), r"inner_validation, seed 2: 1 of 8 cases doubled: case \(2\)"),
        (setting("case", 0, "case (99)"), r"1 of 8 cases not in made: case \(99\)"),
        (setting("case", 0, None), "column case has 1 empty cells"),
        (setting("fold", 0, 1), r"another fold than the one in which they are tested: case \(1\)"),
        (setting("probability", 3, 1.01), r"1 rows whose probability is not a number in \[0, 1\]: case \(4\)"),
        (setting("probability", 3, -0.1), r"not a number in \[0, 1\]"),
        (setting("probability", 3, "high"), r"not a number in \[0, 1\]"),
        (setting("probability", 3, np.inf), r"not a number in \[0, 1\]"),
        (setting("probability", 3, None), r"1 rows without a probability: case \(4\)"),
        (setting("mask", 3, None), r"1 rows without a mask: case \(4\)"),
        (
            setting("height", 0, 31),
            r"1 masks are not 32 x 32 pixels or the image's native size.*case \(1\) \(31 x 32\)",
        ),
        (setting("height", 0, None), "1 masks are not 32 x 32"),
        (setting("mask", 0, "12 4"), r"1 masks cannot be read: case \(1\): .*add up to 16"),
        (setting("mask", 0, "many"), r"1 masks cannot be read: case \(1\): .*whole numbers"),
        (lambda table: table.assign(mask=None, probability=None), "neither a probability nor a mask anywhere"),
    ],
)
def test_each_problem_is_named(found, change, message):
    lines = found(change)
    assert any(pd.Series(lines).str.contains(message)), lines


def test_all_problems_are_reported_together(found):
    def change(table):
        table = setting("probability", 3, 2)(table)
        return setting("mask", 4, "x")(table)[1:]

    assert len(found(change)) == 3


def test_long_lists_are_cut(found):
    names = ", ".join(f"case ({number})" for number in range(1, 9))
    lines = found(lambda table: table.assign(probability=2.0))
    assert lines == [f"32 rows whose probability is not a number in [0, 1]: {names} and 24 more"]


def test_reading(store, predictions):
    path = store(predictions[["mask", *predictions.columns.drop("mask")]])
    assert read_predictions(path).columns.tolist() == predictions.columns.tolist()
    store(predictions.drop(columns=["epoch", "mask"]))
    with pytest.raises(UserError, match=r"model.parquet: expected the columns .*; epoch, mask not found"):
        read_predictions(path)
    path.write_text("not a table")
    with pytest.raises(UserError, match=r"model.parquet: not a readable Parquet file"):
        read_predictions(path)


def test_the_digest_is_of_the_content(store, predictions):
    stored = read_predictions(store(predictions))
    assert digest(stored) == digest(read_predictions(store(predictions)))
    changed = stored.assign(probability=stored["probability"] + 1e-9)
    assert digest(changed) != digest(stored)
