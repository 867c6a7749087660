"""Stored masks as outlines: polygons for the contact sheet, chain codes for the page."""

from itertools import groupby
from typing import cast

import contourpy
import numpy as np

from benchmarks.scoring.run_length import decode

STEPS = dict(zip([(2, 0), (1, 1), (0, 2), (-1, 1), (-2, 0), (-1, -1), (0, -2), (1, -1)], "abcdefgh", strict=True))


def outlines(counts: str, height: int, width: int) -> list[np.ndarray]:
    """Closed polygons `(points, 2)` of x and y, in pixels of the grid, around the regions and holes of a stored mask.

    A pixel's centre lies at half-integer coordinates, the image's corner at (0, 0).
    """
    mask = np.pad(decode(counts, height, width).astype(float), 1)
    lines = cast(list[np.ndarray], contourpy.contour_generator(z=mask).lines(0.5))  # of its default line type
    return [line - 0.5 for line in lines]


def chain_code(counts: str, height: int, width: int) -> str:
    """The same polygons as Freeman chain codes, separated by spaces; empty for an empty mask.

    `3,4a2bc...`: from x 3 and y 4, in half pixels of the grid, two steps in direction a, one in b, and so on. The
    directions run clockwise from a, to the right; a straight step is a pixel, a diagonal one half a pixel each way.

    Source: Freeman, On the encoding of arbitrary geometric configurations, IRE Trans. Electron. Comput. 10 (1961).
    """
    codes = []
    for line in outlines(counts, height, width):
        points = np.rint(line * 2).astype(int)
        steps = [STEPS[x, y] for x, y in np.diff(points, axis=0).tolist()]
        runs = [(step, len(list(run))) for step, run in groupby(steps)]
        codes.append(f"{points[0, 0]},{points[0, 1]}" + "".join(f"{step}{n if n > 1 else ''}" for step, n in runs))
    return " ".join(codes)
