"""Slips that are guessed: each is made as people make it, and the hint names it."""

import re

import pytest

from benchmarks.errors import UserError
from benchmarks.scoring.slips import slip_of_probabilities, slips_of_columns, slips_of_names
from benchmarks.scoring.submit import submit

CASES = ["benign (1)", "benign (2)", "malignant (1)"]


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        (lambda case: f"{case}.png", "take `.png`"),
        (lambda case: f"masks/{case}", "folders stand in the names"),
        (lambda case: f"masks\\{case}.png", "folders and endings"),
        (lambda case: f"{case}\r", "line ends of Windows"),
        (lambda case: f"{case}_mask", "`_mask` or `_pred`"),
        (lambda case: case.upper(), "write 'benign \\(1\\)', not 'BENIGN \\(1\\)'"),
    ],
)
def test_names(written, hint):
    (line,) = slips_of_names([written(case) for case in CASES], CASES)
    assert re.search(hint, line)


def test_names_that_are_simply_others_get_no_hint():
    assert slips_of_names(["patient 7", "patient 8"], CASES) == []
    assert "are numbers" in slips_of_names(["0", "1"], CASES)[0]


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        ("case;probability\ncase (1);0.5\n", "separated by semicolons"),
        (",case,probability\n0,case (1),0.5\n", "column of row numbers"),
        ("Case,Probability\ncase (1),0.5\n", "'Case' should be 'case'"),
    ],
)
def test_columns_of_a_file(root, tmp_path, content, hint):
    (tmp_path / "table.csv").write_text(content)
    with pytest.raises(UserError, match=hint):
        submit("made", "mine", tmp_path / "table.csv", root=root)


def test_a_table_of_windows_is_read(root, tmp_path):
    """Its line ends and its byte order mark are no part of the names."""
    lines = ["case,probability", *(f"case ({number}),0.{number}" for number in range(1, 9))]
    (tmp_path / "table.csv").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    _, predictions = submit("made", "mine", tmp_path / "table.csv", root=root)
    assert predictions["case"].tolist() == [f"case ({number})" for number in range(1, 9)]


def test_columns_that_are_known_get_no_hint():
    assert slips_of_columns(["case", "probability"], ["case", "probability"]) == ""


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (["image", "prob"], "'image' is 'case' here, 'prob' is 'probability' here?"),
        (["case", "rle", "height", "width"], "'rle' is 'mask' here?"),
        (["case", "weather"], ""),
    ],
)
def test_columns_under_other_names(found, told):
    assert slips_of_columns(found, ["case", "seed", "probability", "height", "width", "mask"]).endswith(told)


@pytest.mark.parametrize(
    ("values", "told"),
    [([3.0, 97.5], True), ([0.2, 0.9], False), ([-1.0, 50.0], False), ([0.5, 255.0], False), ([], False)],
)
def test_probabilities_in_per_cent(values, told):
    assert slip_of_probabilities(values) == (["hint: they reach 97.5: per cent? Divide them by 100."] if told else [])
