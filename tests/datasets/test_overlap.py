"""Shared pictures are found where one was planted, scaled, brightened and mirrored, and nowhere else."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

pytest.importorskip("cv2")

from benchmarks.datasets.overlap import (
    ALIKE,
    candidates,
    compare,
    controls,
    features_of,
    hash_distances,
    matching_points,
    perceptual_hash,
    pictures_of,
)


def speckle(seed: int, size: int = 160) -> np.ndarray:
    """A picture with structure at several scales."""
    generator = np.random.default_rng(seed)
    layers = [gaussian_filter(generator.normal(size=(size, size)), sigma) * sigma for sigma in (2, 5, 20)]
    picture = sum(layers)
    return np.uint8(255 * (picture - picture.min()) / np.ptp(picture))


def as_published_elsewhere(picture: np.ndarray) -> np.ndarray:
    """Another size, and other grey levels."""
    larger = Image.fromarray(picture).resize((210, 210), Image.Resampling.BICUBIC)
    return np.uint8(np.clip(np.asarray(larger, float) * 0.8 + 20, 0, 255))


def named(name: str, images: list[np.ndarray], groups: list[str] | None = None):
    cases = pd.DataFrame({"case": [f"{name}{place}" for place in range(len(images))]})
    return pictures_of(name, cases.assign(group=groups or cases["case"]), images)


@pytest.fixture(scope="module")
def datasets():
    own = [speckle(seed) for seed in range(8)]
    return named("a", own), named("b", [*(speckle(seed) for seed in range(20, 26)), as_published_elsewhere(own[3])])


def test_the_planted_picture_is_found_and_no_other(datasets):
    row, near = compare(*datasets)
    assert (row["images_a"], row["images_b"], row["alike"]) == (8, 7, 1)
    assert near[["case_a", "case_b"]].iloc[0].tolist() == ["a3", "b6"]
    assert near["points"].iloc[0] > 2 * ALIKE
    assert near["points"].iloc[1] < ALIKE


def test_a_mirrored_picture_is_near_by_its_hash(datasets):
    picture = speckle(3)
    mirrored = named("m", [picture[:, ::-1]])
    assert hash_distances(datasets[0], mirrored)[3, 0] == 0
    assert hash_distances(datasets[0], mirrored)[[0, 1, 2, 4, 5, 6, 7], 0].min() > 5


def test_a_hash_has_half_of_its_63_bits_set():
    assert np.unpackbits(perceptual_hash(speckle(0))).sum() == 31


def test_candidates_are_the_nearest_and_all_within_some_bits():
    distances = np.full((2, 9), 40)
    distances[0, :7] = 12
    distances[1, 4:] = 30
    assert [pair for pair in candidates(distances) if pair[0] == 0] == [(0, place) for place in range(7)]
    assert [pair for pair in candidates(distances) if pair[0] == 1] == [(1, place) for place in range(4, 9)]


def test_the_control_finds_known_pairs_alone():
    own = [speckle(seed) for seed in range(4)]
    pictures = named("busi", [*own, *map(as_published_elsewhere, own)], [f"g{place % 4}" for place in range(8)])
    known, others = controls(pictures)
    assert (known["compared"], known["by_hash"], known["share_alike"]) == (4, 4, 1)
    assert (others["compared"], others["alike"]) == (4, 0)


def test_a_picture_without_features():
    flat = features_of(np.full((64, 64), 9, np.uint8))
    assert matching_points(flat, flat) == 0
