import re

import numpy as np
import pytest

from benchmarks.reporting.figures.outlines import chain_code, outlines
from benchmarks.scoring.run_length import encode


def area(points: np.ndarray) -> float:
    """The shoelace formula."""
    x, y = points.T
    return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2


def test_outline_of_a_rectangle_lies_on_its_edges():
    mask = np.zeros((10, 12), bool)
    mask[2:5, 3:9] = True
    (points,) = outlines(encode(mask), 10, 12)
    assert points.min(axis=0).tolist() == [3, 2]
    assert points.max(axis=0).tolist() == [9, 5]
    # 3 x 6 pixels; marching squares cuts each corner by a triangle of half a pixel by half a pixel
    assert area(points) == pytest.approx(18 - 4 * 0.125)


def test_a_mask_at_the_border_is_closed_and_a_hole_has_its_own_outline():
    mask = np.ones((8, 8), bool)
    mask[3:5, 3:5] = False
    found = outlines(encode(mask), 8, 8)
    assert len(found) == 2
    assert all((points[0] == points[-1]).all() for points in found)


def test_an_empty_mask_has_no_outline():
    assert outlines(encode(np.zeros((8, 8), bool)), 8, 8) == []
    assert chain_code(encode(np.zeros((8, 8), bool)), 8, 8) == ""


def test_chain_codes_trace_the_same_points():
    """Walked with complex numbers: eight directions, clockwise as y runs down, from a to the right."""
    rng = np.random.default_rng(0)
    mask = rng.random((16, 16)) < 0.4
    steps = {letter: (2 if i % 2 == 0 else 1 + 1j) * 1j ** (i // 2) for i, letter in enumerate("abcdefgh")}
    drawn = []
    for polygon in chain_code(encode(mask), 16, 16).split():
        x, y, moves = re.fullmatch(r"(\d+),(\d+)([a-h\d]+)", polygon).groups()
        walk = [steps[letter] for letter, times in re.findall(r"([a-h])(\d*)", moves) for _ in range(int(times or 1))]
        points = np.cumsum([int(x) + 1j * int(y), *walk]) / 2
        drawn.append(np.column_stack([points.real, points.imag]))
    expected = outlines(encode(mask), 16, 16)
    assert len(drawn) == len(expected)
    assert all(np.array_equal(a, b) for a, b in zip(drawn, expected, strict=True))


def test_a_disc_has_a_short_code():
    rows, columns = np.mgrid[:64, :64]
    disc = (rows - 32) ** 2 + (columns - 32) ** 2 < 100
    assert len(chain_code(encode(disc), 64, 64)) < 120
