import numpy as np
import pandas as pd
from PIL import Image

from benchmarks.verify.differences import cell_differences, differences_between


def test_pictures_are_compared_by_their_pixels(tmp_path):
    pixels = np.zeros((4, 5, 3), np.uint8)
    for name, level in (("first", 0), ("second", 9)):
        (tmp_path / name).mkdir()
        Image.fromarray(pixels).save(tmp_path / name / "a.png", compress_level=level)
    assert differences_between(tmp_path / "first", tmp_path / "second", "f") == []
    pixels[1, 2] = 1
    Image.fromarray(pixels).save(tmp_path / "second" / "a.png")
    assert differences_between(tmp_path / "first", tmp_path / "second", "f") == ["f/a.png: 1 of 20 pixels differ"]


def test_cells_are_numbered_as_lines_of_the_file():
    first, second = pd.DataFrame({"a": ["1", "2"], "b": [None, "x"]}), pd.DataFrame({"a": ["1", "3"], "b": [None, "x"]})
    assert list(cell_differences(first, second)) == ["row 3, column a: committed 2, rebuilt 3"]
    assert list(cell_differences(first, second[["b"]])) == ["committed columns a, b; rebuilt b"]
    assert list(cell_differences(first, second.head(1))) == ["committed 2 rows, rebuilt 1"]
