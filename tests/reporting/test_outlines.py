import re

import numpy as np
import pytest

from benchmarks.reporting.outlines import outlines, svg_path
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
    assert svg_path(encode(np.zeros((8, 8), bool)), 8, 8) == ""


def test_svg_path_traces_the_same_points():
    rng = np.random.default_rng(0)
    mask = rng.random((16, 16)) < 0.4
    path = svg_path(encode(mask), 16, 16)
    parts = re.findall(r"M(-?\d+) ?(-?\d+)l([-\d ]+)z", path)
    drawn = []
    for x, y, moves in parts:
        steps = np.array([int(n) for n in re.findall(r"-?\d+", moves)]).reshape(-1, 2)
        drawn.append(np.vstack([[[int(x), int(y)]], steps]).cumsum(axis=0) / 2)
    expected = outlines(encode(mask), 16, 16)
    assert sorted(map(area, drawn)) == pytest.approx(sorted(area(points[:-1]) for points in expected))
    assert all({tuple(p) for p in d} <= {tuple(p) for p in e} for d, e in zip(drawn, expected, strict=True))
