"""Whether two datasets share pictures: `acsbench overlap busi breast busbra-500`.

Writes `reports/external/overlap.csv`, a row for each pair of datasets, and `overlap_nearest.csv`, the pictures that are
closest. Two pictures are compared in two steps. A perceptual hash (the signs of the 63 lowest cosine frequencies of the
picture at 32 x 32 pixels about their median) names for each image the five of the other dataset that differ least, as
they are or mirrored, and every pair within 12 bits. On these pairs, features (SIFT, Lowe 2004, Int J Comput Vis 60:91)
are matched, and those counted that one shift, turn and scale explain. From 30 such points on, two pictures are alike.

BUSI, many of whose pictures show one lesion twice by a published list, is the control: how many of its known pairs the
hash names and how many have as many points, and the same of as many other pairs, drawn at random. Needs OpenCV
(`opencv-python-headless`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image
from scipy.fft import dctn
from tqdm import tqdm

from benchmarks.datasets.files import replacing
from benchmarks.datasets.prepared import image, read_prepared
from benchmarks.errors import UserError

OUTPUT = Path("reports/external")
NEAREST, WITHIN = 5, 12  # images by hash, and bits
ALIKE = 30  # matched points
SIDE, FEATURES = 256, 400  # pixels of the longer side, and at most so many features, when they are matched
RATIO, TOLERANCE = 0.75, 3.0  # of a match to its second best (Lowe), and pixels off the common transform
SHOWN = 10
CONTROL = "busi"
TABLE = [
    *("dataset_a", "dataset_b", "images_a", "images_b", "compared", "by_hash"),
    *("least_bits", "most_points", "alike", "share_alike"),
]
NEAR = ["dataset_a", "dataset_b", "case_a", "case_b", "bits", "points"]


@dataclass(frozen=True)
class Pictures:
    """What is compared of a dataset's images, in the order of `cases`."""

    name: str
    cases: pd.DataFrame
    hashes: np.ndarray  # (images, 8) bytes
    mirrored: np.ndarray  # the same of the mirrored images
    features: list[tuple[np.ndarray, np.ndarray | None]]  # points (n, 2) and descriptors (n, 128)


def perceptual_hash(picture: np.ndarray) -> np.ndarray:
    """63 bits in 8 bytes of a grey picture (H, W)."""
    small = Image.fromarray(np.ascontiguousarray(picture)).resize((32, 32), Image.Resampling.BILINEAR)
    frequencies = dctn(np.asarray(small, dtype=float), norm="ortho")[:8, :8].ravel()[1:]
    return np.packbits(frequencies > np.median(frequencies))


def hash_distances(a: Pictures, b: Pictures) -> np.ndarray:
    """Bits in which each pair of images differs, the second as it is or mirrored, `(images of a, images of b)`."""
    ones = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(axis=1).astype(np.uint8)
    both = [ones[a.hashes[:, None] ^ other].sum(axis=-1) for other in (b.hashes, b.mirrored)]
    return np.minimum(*both).astype(int)


def opencv() -> Any:
    """The library, on one thread.

    Raises:
        UserError: it is not installed.
    """
    try:
        import cv2
    except ImportError as error:
        raise UserError(
            f"matching features needs OpenCV, which cannot be imported ({error}). pip install opencv-python-headless"
        ) from error
    cv2.setNumThreads(1)
    return cv2


def features_of(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Points (n, 2) and descriptors (n, 128) of a grey picture; no descriptors where it has no features."""
    cv2 = opencv()
    scale = SIDE / max(picture.shape)
    small = cv2.resize(np.ascontiguousarray(picture), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    points, descriptors = cv2.SIFT_create(nfeatures=FEATURES).detectAndCompute(small, None)
    return np.array([point.pt for point in points], dtype=np.float32).reshape(-1, 2), descriptors


def matching_points(a: tuple[np.ndarray, np.ndarray | None], b: tuple[np.ndarray, np.ndarray | None]) -> int:
    """How many features of two pictures agree under one shift, turn and scale."""
    cv2 = opencv()
    (points_a, first), (points_b, second) = a, b
    if first is None or second is None or min(len(points_a), len(points_b)) < 4:
        return 0
    pairs = [pair for pair in cv2.BFMatcher().knnMatch(first, second, k=2) if len(pair) == 2]
    kept = [best for best, next_best in pairs if best.distance < RATIO * next_best.distance]
    if len(kept) < 4:
        return 0
    cv2.setRNGSeed(0)
    at_a, at_b = points_a[[m.queryIdx for m in kept]], points_b[[m.trainIdx for m in kept]]
    _, inside = cv2.estimateAffinePartial2D(at_a, at_b, method=cv2.RANSAC, ransacReprojThreshold=TOLERANCE)
    return 0 if inside is None else int(inside.sum())


def read_pictures(dataset: str) -> Pictures:
    """Hashes and features of a prepared dataset's images.

    Raises:
        UserError: it is not prepared, or OpenCV is not installed.
    """
    cases, pixels = read_prepared(dataset)
    rows = tqdm(cases.itertuples(index=False), f"features of {dataset}", len(cases), unit="image")
    return pictures_of(dataset, cases, (image(row, pixels) for row in rows))


def pictures_of(name: str, cases: pd.DataFrame, images: Iterable[np.ndarray]) -> Pictures:
    found = [(perceptual_hash(one), perceptual_hash(one[:, ::-1]), features_of(one)) for one in images]
    hashes, mirrored, features = zip(*found, strict=True)
    return Pictures(name, cases, np.stack(hashes), np.stack(mirrored), list(features))


def candidates(distances: np.ndarray) -> list[tuple[int, int]]:
    """The pairs to be matched by features: each image of the first with its nearest, and all within a few bits."""
    near = np.argsort(distances, axis=1, kind="stable")[:, :NEAREST]
    pairs = {(place, int(other)) for place, others in enumerate(near) for other in others}
    return sorted(pairs | {(int(i), int(j)) for i, j in np.argwhere(distances <= WITHIN)})


def compare(a: Pictures, b: Pictures) -> tuple[dict, pd.DataFrame]:
    """A row of the table for two datasets, and the pictures that come nearest, most points first."""
    distances = hash_distances(a, b)
    pairs = candidates(distances)
    points = [matching_points(a.features[i], b.features[j]) for i, j in tqdm(pairs, f"{a.name}, {b.name}", unit="pair")]
    near = pd.DataFrame(
        {
            "dataset_a": a.name,
            "dataset_b": b.name,
            "case_a": [a.cases["case"].iloc[i] for i, _ in pairs],
            "case_b": [b.cases["case"].iloc[j] for _, j in pairs],
            "bits": [distances[pair] for pair in pairs],
            "points": points,
        }
    ).sort_values(["points", "bits", "case_a", "case_b"], ascending=[False, True, True, True], ignore_index=True)
    alike = int((near["points"] >= ALIKE).sum())
    row: dict[str, Any] = {"dataset_a": a.name, "dataset_b": b.name, "images_a": len(a.cases), "images_b": len(b.cases)}
    row |= {"compared": len(pairs), "by_hash": len(pairs), "least_bits": distances.min()}
    row |= {"most_points": near["points"].max(), "alike": alike, "share_alike": alike / len(pairs)}
    return row, near.head(max(SHOWN, alike))


def controls(pictures: Pictures) -> Iterator[dict]:
    """Within one dataset: the pairs of a group, which show the same lesion, and as many pairs across groups."""
    groups = pictures.cases["group"].factorize()[0]
    first, second = np.triu_indices(len(groups), 1)
    known = groups[first] == groups[second]
    others = np.random.default_rng(0).choice(np.flatnonzero(~known), known.sum(), replace=False)
    distances = hash_distances(pictures, pictures)
    np.fill_diagonal(distances, 64)
    named = {tuple(sorted(pair)) for pair in candidates(distances)}
    for kind, places in (("same group", np.flatnonzero(known)), ("other groups, at random", others)):
        pairs = [(first[place], second[place]) for place in places]
        bars = tqdm(pairs, f"{pictures.name}, {kind}", unit="pair")
        points = np.array([matching_points(pictures.features[i], pictures.features[j]) for i, j in bars])
        count, alike = len(pictures.cases), int((points >= ALIKE).sum())
        row: dict[str, Any] = {
            "dataset_a": pictures.name,
            "dataset_b": f"{pictures.name}: {kind}",
            "images_a": count,
            "images_b": count,
        }
        row |= {"compared": len(pairs), "by_hash": sum((int(i), int(j)) in named for i, j in pairs)}
        row |= {"least_bits": min(distances[pair] for pair in pairs)}
        yield row | {"most_points": points.max(), "alike": alike, "share_alike": alike / len(pairs)}


def write_overlap(datasets: list[str], folder: Path = OUTPUT) -> pd.DataFrame:
    """Write both tables for every two of the datasets, and the control where BUSI is among them; returns the first.

    Raises:
        UserError: they are fewer than two, or see `read_pictures`.
    """
    if len(set(datasets)) < 2:
        raise UserError(f"expected two datasets or more, found {', '.join(datasets)}.")
    pictures = {name: read_pictures(name) for name in dict.fromkeys(datasets)}
    rows, nearest = [], []
    for a, b in combinations(pictures.values(), 2):
        row, near = compare(a, b)
        rows.append(row)
        nearest.append(near)
    rows += controls(pictures[CONTROL]) if CONTROL in pictures else []
    for name, table in (("overlap", pd.DataFrame(rows, columns=TABLE)), ("overlap_nearest", pd.concat(nearest)[NEAR])):
        with replacing(folder / f"{name}.csv") as part:
            table.to_csv(part, index=False, float_format="%.6g", lineterminator="\n")
    return pd.read_csv(folder / "overlap.csv")
