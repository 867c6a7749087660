"""Standard scoring against medpy 0.5.2, MONAI, the definition pixel by pixel, and what must not change when the picture
does."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from medpy.metric import binary as medpy
from monai.metrics import compute_hausdorff_distance, compute_surface_dice
from PIL import Image
from scipy import ndimage

from benchmarks.scoring.segmentation import NSD_TOLERANCE, dice, percentile_95, score, to_native

small_masks = arrays.arrays(bool, (9, 12))
METRICS = ("dice", "iou", "hd95", "hd95_larger_side", "assd", "nsd")


def blob(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A random smooth mask that covers 2 to 60% of the picture."""
    field = ndimage.gaussian_filter(random.normal(size=(height, width)), random.uniform(0.5, 6))
    return field > np.quantile(field, 1 - random.uniform(0.02, 0.6))


def brute_force_distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Both directions' surface distances from the definition, pixel by pixel."""

    def surface(mask):
        padded = np.pad(mask, 1)
        return [
            (y, x)
            for y, x in np.argwhere(mask)
            if not all(padded[y + 1 + v, x + 1 + h] for v, h in ((1, 0), (-1, 0), (0, 1), (0, -1)))
        ]

    one, other = surface(first), surface(second)
    forward = [min(np.hypot(y - v, x - h) for v, h in other) for y, x in one]
    return np.array(forward + [min(np.hypot(y - v, x - h) for v, h in one) for y, x in other])


def assert_equals_medpy(prediction: np.ndarray, truth: np.ndarray) -> None:
    scores = score(prediction, truth)
    assert scores["dice"] == pytest.approx(medpy.dc(prediction, truth), abs=1e-12)
    assert scores["iou"] == pytest.approx(medpy.jc(prediction, truth), abs=1e-12)
    assert scores["hd95"] == pytest.approx(medpy.hd95(prediction, truth), abs=1e-9)
    assert scores["assd"] == pytest.approx(medpy.assd(prediction, truth), abs=1e-9)


@pytest.mark.parametrize("seed", range(300))
def test_equals_medpy_on_random_masks(seed):
    random = np.random.default_rng(seed)
    height, width = random.integers(8, 90, size=2)
    assert_equals_medpy(blob(random, height, width), blob(random, height, width))


def test_equals_medpy_on_real_masks(mirror):
    files = sorted((mirror / "busi" / "Dataset_BUSI_with_GT").glob("[bm]*/*_mask.png"))
    assert len(files) == 647
    for file in files[::40]:
        truth = np.asarray(Image.open(file).convert("L")) > 0
        assert_equals_medpy(ndimage.binary_dilation(np.roll(truth, (7, -3), (0, 1)), iterations=2), truth)
        assert_equals_medpy(to_native(truth[::4, ::4], *truth.shape), truth)


def assert_equals_monai(prediction: np.ndarray, truth: np.ndarray) -> None:
    """MONAI computes in float32."""
    scores = score(prediction, truth)
    pair = [torch.from_numpy(mask)[None, None] for mask in (prediction, truth)]
    expected = compute_hausdorff_distance(*pair, include_background=True, percentile=95).item()
    assert scores["hd95_larger_side"] == pytest.approx(expected, rel=1e-6)
    expected = compute_surface_dice(*pair, class_thresholds=[NSD_TOLERANCE], include_background=True).item()
    assert scores["nsd"] == pytest.approx(expected, rel=1e-6)


def test_equals_monai_on_random_masks():
    random = np.random.default_rng(4)
    differing = 0
    for _ in range(60):
        height, width = random.integers(8, 90, size=2)
        pair = blob(random, height, width), blob(random, height, width)
        assert_equals_monai(*pair)
        scores = score(*pair)
        differing += scores["hd95_larger_side"] != scores["hd95"]
    assert differing > 50


def test_equals_monai_on_real_masks(mirror):
    for file in sorted((mirror / "busi" / "Dataset_BUSI_with_GT").glob("[bm]*/*_mask.png"))[::90]:
        truth = np.asarray(Image.open(file).convert("L")) > 0
        assert_equals_monai(ndimage.binary_dilation(np.roll(truth, (7, -3), (0, 1)), iterations=2), truth)
        assert_equals_monai(to_native(truth[::4, ::4], *truth.shape), truth)


def test_the_larger_of_two_sides_in_closed_form():
    """A point on a bar of 41 pixels: the point is found, and the bar's pixels lie 0 to 40 from it."""
    prediction, truth = np.zeros((2, 5, 50), bool)
    prediction[2, 4] = truth[2, 4:45] = True
    scores = score(prediction, truth)
    assert scores["hd95_larger_side"] == 38  # 95% of the way from the first to the 41st
    assert scores["hd95"] == pytest.approx(np.percentile([0, *range(41)], 95))
    assert score(truth, prediction) == scores


@pytest.mark.parametrize("count", [1, 2, 3, 20, 21, 41, 500])
def test_percentile_is_numpys_to_the_bit(count):
    random = np.random.default_rng(count)
    for _ in range(50):
        values = np.hypot(*random.integers(0, 60, size=(2, count)))
        assert percentile_95(values) == np.percentile(values, 95)


@pytest.mark.parametrize("tolerance", [0, 1, 2, 3.5])
def test_nsd_counts_surface_pixels_within_its_tolerance(tolerance):
    random = np.random.default_rng(7)
    for _ in range(10):
        prediction, truth = blob(random, 20, 24), blob(random, 20, 24)
        expected = np.mean(brute_force_distances(prediction, truth) <= tolerance)
        assert score(prediction, truth, tolerance)["nsd"] == pytest.approx(expected, abs=1e-12)


def test_two_pixels_in_closed_form():
    prediction, truth = np.zeros((2, 20, 20), bool)
    prediction[3, 4] = truth[6, 8] = True
    five = dict.fromkeys(("hd95", "hd95_larger_side", "assd"), 5)
    assert score(prediction, truth) == {"dice": 0, "iou": 0, **five, "nsd": 0, "empty": 0}


def test_bars_in_closed_form():
    """Two bars one pixel thick, 40 long, one 2 pixels below the other: every distance is exactly 2."""
    prediction, truth = np.zeros((2, 20, 50), bool)
    prediction[8, 5:45] = truth[10, 5:45] = True
    two = dict.fromkeys(("hd95", "hd95_larger_side", "assd"), 2)
    assert score(prediction, truth) == {"dice": 0, "iou": 0, **two, "nsd": 1, "empty": 0}
    assert score(prediction, truth, tolerance=1.9)["nsd"] == 0


def test_empty_masks():
    empty, lesion = np.zeros((30, 40), bool), np.zeros((30, 40), bool)
    lesion[3:9, 4:10] = True
    agree = {"dice": 1, "iou": 1, "hd95": 0, "hd95_larger_side": 0, "assd": 0, "nsd": 1}
    miss = {"dice": 0, "iou": 0, "hd95": 50, "hd95_larger_side": 50, "assd": 50, "nsd": 0}  # 30, 40, 50
    assert score(empty, empty) == agree | {"empty": 1}
    assert score(empty, lesion) == miss | {"empty": 1}
    assert score(lesion, empty) == miss | {"empty": 0}


def test_a_full_mask_has_its_surface_at_the_image_edge():
    full, centre = np.ones((11, 11), bool), np.zeros((11, 11), bool)
    centre[5, 5] = True
    assert_equals_medpy(full, centre)
    assert score(full, full)["assd"] == 0


@settings(max_examples=60)
@given(small_masks, small_masks)
def test_symmetric(first, second):
    one, other = score(first, second), score(second, first)
    for metric in METRICS:
        assert one[metric] == pytest.approx(other[metric], abs=1e-12)


@given(small_masks)
def test_a_mask_agrees_with_itself(mask):
    best = {"dice": 1, "iou": 1, "hd95": 0, "hd95_larger_side": 0, "assd": 0, "nsd": 1}
    assert score(mask, mask) == best | {"empty": int(not mask.any())}


@settings(max_examples=60)
@given(small_masks.filter(np.any), small_masks.filter(np.any), st.integers(0, 5), st.integers(0, 5))
def test_moving_or_turning_both_changes_nothing(first, second, down, right):
    """Inside a margin, so that no pixel leaves the picture."""
    margin = ((down + 1, 6 - down), (right + 1, 6 - right))
    reference = score(np.pad(first, 7), np.pad(second, 7))
    for one, other in (
        (np.pad(first, margin), np.pad(second, margin)),
        (np.pad(first, 7)[::-1].T, np.pad(second, 7)[::-1].T),
    ):
        assert score(one, other) == pytest.approx(reference, abs=1e-12)


@settings(max_examples=60)
@given(small_masks, small_masks)
def test_ranges(first, second):
    scores = score(first, second)
    assert all(0 <= scores[metric] <= 1 for metric in ("dice", "iou", "nsd"))
    farthest = np.hypot(8, 11) if first.any() and second.any() else np.hypot(9, 12)
    assert 0 <= scores["assd"] <= farthest
    assert 0 <= scores["hd95"] <= farthest
    assert 0 <= scores["hd95_larger_side"] <= farthest
    assert scores["iou"] <= scores["dice"]
    assert dice(first, second) == pytest.approx(scores["dice"], abs=1e-12)


@pytest.mark.parametrize("shapes", [((4, 4), (4, 5)), ((1, 4, 4), (1, 4, 4)), ((4,), (4,))])
def test_other_shapes_are_refused(shapes):
    with pytest.raises(ValueError, match="one shape"):
        score(np.zeros(shapes[0], bool), np.zeros(shapes[1], bool))


def interpolated(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bilinear interpolation at half-pixel centres, by scipy."""
    rows = (np.arange(height) + 0.5) * mask.shape[0] / height - 0.5
    columns = (np.arange(width) + 0.5) * mask.shape[1] / width - 0.5
    at = np.meshgrid(rows, columns, indexing="ij")
    return ndimage.map_coordinates(mask.astype(float), at, order=1, mode="nearest")


@pytest.mark.parametrize("size", [(7, 7), (16, 16), (31, 50), (61, 23), (64, 64), (5, 90)])
def test_to_native_interpolates_bilinearly(size):
    random = np.random.default_rng(3)
    for _ in range(20):
        mask = blob(random, 16, 16)
        values = interpolated(mask, *size)
        undecided = np.abs(values - 0.5) < 1e-9
        native = to_native(mask, *size)
        assert (native == (values >= 0.5))[~undecided].all()
        assert native[undecided].all()


def test_to_native_keeps_a_mask_of_native_size():
    mask = blob(np.random.default_rng(0), 20, 30)
    assert (to_native(mask, 20, 30) == mask).all()


@given(arrays.arrays(bool, (5, 7)), st.integers(1, 5))
def test_to_native_by_whole_odd_factors_repeats_the_centres(mask, half):
    factor = 2 * half + 1
    native = to_native(mask, 5 * factor, 7 * factor)
    assert native.shape == (5 * factor, 7 * factor)
    assert (native[half::factor, half::factor] == mask).all()


def test_a_value_of_one_half_is_foreground():
    assert to_native(np.array([[1, 0]]), 1, 1).item()
    assert not to_native(np.array([[1, 0, 0]]), 1, 1).item()
