"""Stored masks as outlines: polygons for the contact sheet, short SVG paths for the page."""

import contourpy
import numpy as np

from benchmarks.scoring.run_length import decode


def outlines(counts: str, height: int, width: int) -> list[np.ndarray]:
    """Closed polygons `(points, 2)` of x and y, in pixels of the grid, around the regions and holes of a stored mask.

    A pixel's centre lies at half-integer coordinates, the image's corner at (0, 0).
    """
    mask = np.pad(decode(counts, height, width).astype(float), 1)
    lines = contourpy.contour_generator(z=mask).lines(0.5)
    return [line - 0.5 for line in lines]


def svg_path(counts: str, height: int, width: int) -> str:
    """The same polygons as an SVG path in units of half a grid pixel, straight runs merged, moves relative."""
    parts = []
    for line in outlines(counts, height, width):
        points = np.rint(line * 2).astype(int)[:-1]
        before, after = points - np.roll(points, 1, 0), np.roll(points, -1, 0) - points
        corners = points[before[:, 0] * after[:, 1] != before[:, 1] * after[:, 0]]
        moves = " ".join(f"{x} {y}" for x, y in np.diff(corners, axis=0))
        parts.append(f"M{corners[0][0]} {corners[0][1]}l{moves}z".replace(" -", "-"))
    return "".join(parts)
