"""Standard scoring of one mask against its truth, in two dimensions, at the image's native size.

A mask's surface is the set of its pixels that have a 4-neighbour outside it (what lies beyond the image is outside).
Distances are Euclidean, in native pixels, from each surface pixel of either mask to the nearest surface pixel of the
other; HD95 and ASSD are the 95th percentile (linearly interpolated) and the mean of both directions together. So
defined they equal `medpy.metric.binary.hd95` and `assd` of medpy 0.5.2 on masks of shape (H, W); in medpy 0.4.0, `assd`
is the mean of the two directions' means. `hd95_larger_side` is the larger of the two directions' percentiles, as in
`monai.metrics.compute_hausdorff_distance`. Other tools weigh by surface area.
"""

import numpy as np
from scipy.spatial import KDTree

DISTANCES = ("hd95", "hd95_larger_side", "assd")
FEW_PAIRS = 200_000  # of points, up to which a table of all distances is quicker than a tree
NSD_TOLERANCE = 2.0
"""Native pixels within which a surface pixel counts as found by the normalised surface Dice (NSD)."""


def score(prediction: np.ndarray, truth: np.ndarray, tolerance: float = NSD_TOLERANCE) -> dict[str, float]:
    """Dice, IoU, both HD95, ASSD (native pixels) and NSD of two binary masks (H, W); whether the prediction is empty.

    Two empty masks agree: Dice, IoU and NSD 1, distances 0. If just one is empty, Dice, IoU and NSD are 0 and the
    distances are hypot(H, W), more than any pair can have: two pixels are at most hypot(H - 1, W - 1) apart.
    """
    prediction, truth = as_pair(prediction, truth)
    pixels = int(np.count_nonzero(prediction)), int(np.count_nonzero(truth))
    empty = {"empty": int(pixels[0] == 0)}
    if 0 in pixels:
        agreement = float(pixels == (0, 0))
        distance = 0.0 if agreement else float(np.hypot(*truth.shape))
        overlap = {"dice": agreement, "iou": agreement}
        return overlap | dict.fromkeys(DISTANCES, distance) | {"nsd": agreement} | empty
    shared = int(np.count_nonzero(prediction & truth))
    sides = surface_distances(prediction, truth)
    distances = np.concatenate(sides)
    return {
        "dice": 2 * shared / sum(pixels),
        "iou": shared / (sum(pixels) - shared),
        "hd95": percentile_95(distances),
        "hd95_larger_side": max(percentile_95(side) for side in sides),
        "assd": float(distances.mean()),
        "nsd": float(np.mean(distances <= tolerance)),
    } | empty


def dice(prediction: np.ndarray, truth: np.ndarray) -> float:
    """Dice of two binary masks (H, W); 1 where both are empty."""
    prediction, truth = as_pair(prediction, truth)
    pixels = np.count_nonzero(prediction) + np.count_nonzero(truth)
    return 2 * np.count_nonzero(prediction & truth) / pixels if pixels else 1.0


def to_native(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bring a binary mask from the network's grid to the image's native size (height, width).

    The mask, taken as 0 and 1, is interpolated bilinearly between pixel centres (pixel i of n lies at (i + 1/2) / n of
    the side; beyond the outermost centres their value holds) and is foreground where the value is at least 1/2. The
    arithmetic is in whole numbers, so that a value of exactly 1/2 is one on every machine. A mask that has the native
    size already comes back unchanged.
    """
    mask = np.asarray(mask, dtype=bool)
    if mask.shape == (height, width):
        return mask
    native = np.zeros((height, width), dtype=bool)
    if not mask.any():
        return native
    rows, (above, below, row_weight) = reached(np.flatnonzero(mask.any(axis=1)), mask.shape[0], height)
    columns, (left, right, column_weight) = reached(np.flatnonzero(mask.any(axis=0)), mask.shape[1], width)
    grid = mask.astype(np.int32)
    wide = grid[:, left] * (2 * width - column_weight) + grid[:, right] * column_weight
    values = wide[above]
    values *= 2 * height - row_weight[:, None]
    other = wide[below]
    other *= row_weight[:, None]
    values += other
    np.greater_equal(values, 2 * height * width, out=native[rows, columns])
    return native


def reached(foreground: np.ndarray, source: int, target: int) -> tuple[slice, tuple[np.ndarray, ...]]:
    """The target pixels with a neighbour from the first to the last of the foreground source pixels, and `neighbours`
    of these target pixels; all others are background."""
    first, second, weight = neighbours(source, target)
    inside = slice(np.searchsorted(second, foreground[0]), np.searchsorted(first, foreground[-1], side="right"))
    return inside, (first[inside], second[inside], weight[inside])


def neighbours(source: int, target: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each target pixel its two neighbours among the source pixels, and the second's weight times 2 x target."""
    position = (2 * np.arange(target) + 1) * source - target  # in units of 1 / (2 x target) source pixels
    first, weight = np.divmod(position, 2 * target)
    return np.clip(first, 0, source - 1), np.clip(first + 1, 0, source - 1), weight.astype(np.int32)


def surface_distances(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance of each surface pixel of `first` to the surface of `second`, and the other way; neither may be empty."""
    first, second = crop_to_union(first, second)
    first_points, second_points = coordinates(surface(first)), coordinates(surface(second))
    if len(first_points) * len(second_points) > FEW_PAIRS:
        return nearest(first_points, second_points), nearest(second_points, first_points)
    squares = squared_distances(first_points, second_points)
    return np.sqrt(squares.min(axis=1)), np.sqrt(squares.min(axis=0))


def surface(mask: np.ndarray) -> np.ndarray:
    """Pixels of a binary mask (H, W) that have a 4-neighbour outside it or beyond the image."""
    inside = np.zeros_like(mask)
    inside[1:-1, 1:-1] = mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    return mask & ~inside


def coordinates(mask: np.ndarray) -> np.ndarray:
    """Row and column of each foreground pixel of a mask (H, W): (N, 2), as `np.argwhere`, which takes longer."""
    return np.stack(np.divmod(np.flatnonzero(mask), mask.shape[1]), axis=1)


def nearest(points: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Distance of each of the points (N, 2) to the nearest of the targets (M, 2), all in whole pixels."""
    if len(points) * len(targets) <= FEW_PAIRS:
        return np.sqrt(squared_distances(points, targets).min(axis=1))
    # Quicker to build so, and it is asked only once.
    tree = KDTree(targets, leafsize=16, balanced_tree=False, compact_nodes=False)
    return tree.query(points)[0]


def squared_distances(points: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Of every point (N, 2) to every target (M, 2), in whole pixels: (N, M). The tree's distances are their roots."""
    (rows, columns), (to_rows, to_columns) = points.astype(np.int32).T, targets.astype(np.int32).T
    squares, across = np.subtract.outer(rows, to_rows), np.subtract.outer(columns, to_columns)
    squares *= squares
    across *= across
    squares += across
    return squares


def percentile_95(values: np.ndarray) -> float:
    """`np.percentile(values, 95)`, to the bit, without what that spends on other shapes: masks have few distances."""
    place = (len(values) - 1) * 0.95
    below = int(place)
    above = min(below + 1, len(values) - 1)
    ordered = np.partition(values, (below, above))
    step, share = ordered[above] - ordered[below], place - below
    # From the nearer of the two, as NumPy interpolates.
    return float(ordered[above] - step * (1 - share) if share >= 0.5 else ordered[below] + step * share)


def crop_to_union(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut two binary masks of one size to the smallest box that holds every foreground pixel of both."""
    union = first | second
    rows = np.flatnonzero(union.any(axis=1))
    columns = np.flatnonzero(union[rows[0] : rows[-1] + 1].any(axis=0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return first[box], second[box]


def as_pair(prediction: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two as boolean arrays; `ValueError` unless both have one shape (H, W)."""
    if np.ndim(prediction) != 2 or np.shape(prediction) != np.shape(truth):
        raise ValueError(f"expected two masks of one shape (H, W), got {np.shape(prediction)}, {np.shape(truth)}")
    return np.asarray(prediction, dtype=bool), np.asarray(truth, dtype=bool)
