import numpy as np
import pandas as pd
from PIL import Image

from benchmarks.verify.differences import cell_differences, differences_between
from benchmarks.verify.faults import Fault


def test_pictures_are_compared_by_their_pixels(tmp_path):
    pixels = np.zeros((4, 5, 3), np.uint8)
    for name, level in (("first", 0), ("second", 9)):
        (tmp_path / name).mkdir()
        Image.fromarray(pixels).save(tmp_path / name / "a.png", compress_level=level)
    assert differences_between(tmp_path / "first", tmp_path / "second", "f") == []
    pixels[1, 2] = 1
    Image.fromarray(pixels).save(tmp_path / "second" / "a.png")
    found = differences_between(tmp_path / "first", tmp_path / "second", "f")
    assert found == [Fault("f/a.png", "pixels", "as drawn anew", "1 of 20 differ")]


def test_a_damaged_file_is_named_and_the_others_are_looked_at(tmp_path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        Image.fromarray(np.zeros((4, 5), np.uint8)).save(tmp_path / name / "a.png")
        pd.DataFrame({"a": [1]}).to_parquet(tmp_path / name / "b.parquet")
        (tmp_path / name / "c.md").write_text(name)
    for file in ("a.png", "b.parquet"):
        (tmp_path / "first" / file).write_bytes((tmp_path / "first" / file).read_bytes()[:44])
    found = differences_between(tmp_path / "first", tmp_path / "second", "f")
    assert [fault.file for fault in found] == ["f/a.png", "f/b.parquet", "f/c.md"]
    assert found[2][1:] == ("row 1, column 1", "second", "first")


def test_cells_are_numbered_as_lines_of_the_file():
    first, second = pd.DataFrame({"a": ["1", "2"], "b": [None, "x"]}), pd.DataFrame({"a": ["1", "3"], "b": [None, "x"]})
    assert list(cell_differences(first, second, "f")) == [Fault("f", "row 3, column a", "3", "2")]
    assert list(cell_differences(first, second[["b"]], "f")) == [Fault("f", "columns", "b", "a, b")]
    assert list(cell_differences(first, second.head(1), "f")) == [Fault("f", "rows", "1", "2")]
