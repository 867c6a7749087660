"""Released scoring against the script's own libraries (medpy on arrays of shape (1, H, W), scikit-learn), each fault
against its description, and with all faults off against standard scoring."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from medpy.metric import binary as medpy
from PIL import Image
from scipy import ndimage
from sklearn import metrics

from benchmarks.scoring import segmentation
from benchmarks.scoring.released import (
    CORRECTED,
    RELEASED,
    Faults,
    classification,
    score,
    score_pair,
    soften,
    summarise_folds,
    table,
    to_grid,
)
from benchmarks.scoring.truth import Truth

small_masks = arrays.arrays(bool, (9, 12))
soft_masks = arrays.arrays(np.uint8, (9, 12), elements=st.sampled_from([0, 1, 127, 128, 254, 255]))


def by_the_script(prediction: np.ndarray, soft: np.ndarray) -> dict[str, float]:
    """The scores of one test image as the script has them: float arrays (1, H, W), the truth from 0 to 1."""
    predicted, target = prediction[None].astype(np.float32), soft[None].astype(np.float32) / 255
    hits = np.sum((predicted == 1) & (target == 1))
    false_alarms = np.sum((predicted == 1) & (target == 0))
    misses = np.sum((predicted == 0) & (target == 1))
    scores = {
        "dice": 2 * hits / (2 * hits + misses + false_alarms + 1e-5),
        "jaccard": hits / (hits + misses + false_alarms + 1e-5),
        "hd95": 0,
        "asd": 0,
    }
    if predicted.sum() > 0 and target.sum() > 0:
        scores |= {"hd95": medpy.hd95(predicted, target), "asd": medpy.asd(predicted, target)}
    return scores


def without(*faults: str) -> Faults:
    return dataclasses.replace(RELEASED, **dict.fromkeys(faults, False))


def only(*faults: str) -> Faults:
    return dataclasses.replace(CORRECTED, **dict.fromkeys(faults, True))


def lesion(height: int, width: int, across: float, down: float) -> np.ndarray:
    """A filled ellipse in the middle of the picture."""
    y, x = np.mgrid[:height, :width] + 0.5
    return ((x - width / 2) / across) ** 2 + ((y - height / 2) / down) ** 2 <= 1


def truth_of(mask: np.ndarray, first_mask: np.ndarray | None = None, size: int = 64) -> Truth:
    first_mask = mask if first_mask is None else first_mask
    return Truth(mask, first_mask, soften(first_mask, size))


@settings(max_examples=300)
@given(small_masks, soft_masks)
def test_equals_the_script_on_random_pairs(prediction, soft):
    assert score_pair(prediction, soft) == pytest.approx(by_the_script(prediction, soft), abs=1e-9)


@pytest.mark.parametrize("size", [64, 256])
def test_equals_the_script_on_real_masks(mirror, size):
    files = sorted((mirror / "busi" / "Dataset_BUSI_with_GT").glob("[bm]*/*_mask.png"))
    for file in files[::60]:
        mask = np.asarray(Image.open(file).convert("L")) > 0
        truth = truth_of(mask, size=size)
        moved = np.roll(truth.soft_mask >= 128, (2, -1), (0, 1))
        for prediction in (moved, ndimage.binary_erosion(moved, iterations=2), np.zeros_like(moved)):
            assert score(prediction, truth) == pytest.approx(by_the_script(prediction, truth.soft_mask), abs=1e-9)


@settings(max_examples=200)
@given(small_masks, small_masks)
def test_without_faults_equals_standard_scoring(prediction, mask):
    standard = segmentation.score(prediction, mask)
    corrected = score(prediction, Truth(mask, np.zeros_like(mask), np.zeros((64, 64), np.uint8)), CORRECTED)
    assert corrected == pytest.approx(
        {"dice": standard["dice"], "jaccard": standard["iou"], "hd95": standard["hd95"], "asd": standard["assd"]}
    )


def test_region_distances_hide_a_shift():
    """V2. A square of side 184 moved by (4, 4): 180 x 180 pixels are shared, more than 95%."""
    square = np.zeros((256, 256), bool)
    square[20:204, 20:204] = True
    moved, soft = np.roll(square, (4, 4), (0, 1)), np.uint8(255) * square
    assert score_pair(moved, soft)["hd95"] == 0
    # A pixel outside lies d = 1 to 4 below or beside the square (180 of each), or off its corner.
    corner = sum(np.hypot(down, right) for down in range(1, 5) for right in range(1, 5))
    total = 2 * 180 * (1 + 2 + 3 + 4) + corner
    assert score_pair(moved, soft)["asd"] == pytest.approx(total / 184**2)
    in_two_dimensions = score_pair(moved, soft, without("region_distances"))
    assert in_two_dimensions["hd95"] == medpy.hd95(moved, square) == 4
    assert in_two_dimensions["asd"] == pytest.approx(medpy.asd(moved, square))


def test_soft_truth_forgives_the_border():
    """V3. The same square whose outer ring, two pixels wide on either side of its outline, is soft."""
    square = np.zeros((256, 256), bool)
    square[20:204, 20:204] = True
    soft = np.uint8(255) * square
    soft[ndimage.binary_dilation(square, np.ones((3, 3)), iterations=2) & ~square] = 60
    soft[square & ~ndimage.binary_erosion(square, np.ones((3, 3)), iterations=2)] = 200
    moved = np.roll(square, (4, 4), (0, 1))
    hits, false_alarms, misses = 178**2, 184**2 - 182**2, 180**2 - 178**2
    assert score_pair(moved, soft)["dice"] == pytest.approx(2 * hits / (2 * hits + false_alarms + misses), abs=1e-6)
    assert score_pair(moved, soft, without("soft_truth"))["dice"] == pytest.approx((180 / 184) ** 2, abs=1e-6)
    assert score_pair(moved, soft)["dice"] > score_pair(moved, soft, without("soft_truth"))["dice"] + 0.015


def test_soft_truth_counts_as_lesion_for_distances():
    prediction, soft = np.zeros((20, 20), bool), np.zeros((20, 20), np.uint8)
    prediction[5, 5] = True
    soft[5, 5], soft[5, 9] = 255, 1
    assert score_pair(prediction, soft)["hd95"] == pytest.approx(np.percentile([0, 0, 4], 95))
    assert score_pair(prediction, soft, without("soft_truth"))["hd95"] == 0


def test_binarised_truth_is_lesion_from_one_half_on():
    prediction, soft = np.ones((1, 2), bool), np.array([[127, 128]], np.uint8)
    assert score_pair(prediction, soft, CORRECTED)["jaccard"] == 1 / 2


def test_an_empty_prediction_is_perfect():
    """V4."""
    nothing, mask = np.zeros((30, 40), bool), lesion(30, 40, 12, 9)
    soft = np.uint8(255) * mask
    assert score_pair(nothing, soft) == {"dice": 0, "jaccard": 0, "hd95": 0, "asd": 0}
    assert score_pair(nothing, soft, without("empty_is_perfect")) == {"dice": 0, "jaccard": 0, "hd95": 50, "asd": 50}
    both = np.zeros((30, 40), np.uint8)
    assert score_pair(nothing, both) == {"dice": 0, "jaccard": 0, "hd95": 0, "asd": 0}
    assert score_pair(nothing, both, without("empty_is_perfect")) == {"dice": 1, "jaccard": 1, "hd95": 0, "asd": 0}


def test_mixed_averages():
    """V5. 87 benign and 42 malignant cases, 5 false alarms, 10 misses: the numbers of scikit-learn and by hand."""
    labels = np.repeat([0, 1], [87, 42])
    probabilities = np.concatenate([np.repeat([0.2, 0.8], [82, 5]), np.repeat([0.2, 0.8], [10, 32])])
    called = probabilities > 0.5
    mixed = classification(labels, probabilities)
    assert mixed["precision"] == pytest.approx(metrics.precision_score(labels, called, average="weighted"))
    assert mixed["recall"] == pytest.approx(metrics.recall_score(labels, called, average="macro"))
    assert mixed["f1"] == pytest.approx(metrics.f1_score(labels, called, average="weighted"))
    rounded = {metric: round(value, 3) for metric, value in mixed.items()}
    assert rounded == {"accuracy": round(114 / 129, 3), "precision": 0.883, "recall": 0.852, "f1": 0.882}
    malignant = classification(labels, probabilities, without("mixed_averages"))
    assert malignant["precision"] == pytest.approx(32 / 37)
    assert malignant["recall"] == pytest.approx(32 / 42)
    assert malignant["f1"] == pytest.approx(64 / 79)
    rounded = {metric: round(value, 3) for metric, value in malignant.items()}
    assert rounded == {"accuracy": 0.884, "precision": 0.865, "recall": 0.762, "f1": 0.81}


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1))
def test_averages_equal_scikit_learn(rows):
    labels, probabilities = np.array([row[0] for row in rows]), np.array([row[1] for row in rows], float)
    called = (probabilities > 0.5).astype(int)
    accuracy = {"accuracy": metrics.accuracy_score(labels, called)}
    mixed = {
        "precision": metrics.precision_score(labels, called, average="weighted", zero_division=0),
        "recall": metrics.recall_score(labels, called, average="macro", zero_division=0),
        "f1": metrics.f1_score(labels, called, average="weighted", zero_division=0),
    }
    assert classification(labels, probabilities) == pytest.approx(accuracy | mixed, abs=1e-12)
    malignant = {
        "precision": metrics.precision_score(labels, called, zero_division=0),
        "recall": metrics.recall_score(labels, called, zero_division=0),
        "f1": metrics.f1_score(labels, called, zero_division=0),
    }
    assert classification(labels, probabilities, CORRECTED) == pytest.approx(accuracy | malignant, abs=1e-12)


def test_the_class_with_the_larger_output_is_called():
    """Benign on a tie, as argmax over (benign, malignant) has it."""
    for probability in (0.2, 0.5, 0.8):
        called = int(np.argmax([1 - probability, probability]))
        assert classification(np.array([called]), np.array([probability]))["accuracy"] == 1


def test_first_mask_only():
    """V8. Two equal lesions, both found, of which the script knows one."""
    first, second = np.zeros((2, 60, 60), bool)
    first[10:20, 10:20] = second[40:50, 40:50] = True
    prediction, truth = to_grid(first | second, 64), truth_of(first | second, first)
    alone = dataclasses.replace(CORRECTED, network_grid=True)
    assert score(prediction, truth, alone)["dice"] == 1
    half = dataclasses.replace(alone, first_mask_only=True)
    assert score(prediction, truth, half)["dice"] == pytest.approx(2 / 3, abs=0.02)
    assert score(first | second, truth, only("first_mask_only"))["dice"] == pytest.approx(2 / 3)
    assert score(first | second, truth, without("first_mask_only"))["dice"] > score(first | second, truth)["dice"]


def test_network_grid_distorts_distances():
    """V9. An image of 400 x 100 on a grid of 100: 40 native pixels down become 10, 40 across stay 40."""
    mask = np.zeros((400, 100), bool)
    mask[100:140, 20:60] = True
    for shift, on_the_grid in (((40, 0), 10), ((0, 20), 20)):
        prediction = np.roll(mask, shift, (0, 1))
        truth = truth_of(mask, size=100)
        assert score(prediction, truth, CORRECTED)["hd95"] == max(shift)
        assert score(prediction, truth, only("network_grid"))["hd95"] == on_the_grid


def test_one_sided_distance():
    """V10. The prediction, a part of the truth's outline, is near; the way back is far."""
    bar, dot = np.zeros((5, 40), bool), np.zeros((5, 40), bool)
    bar[2, :31] = dot[2, 0] = True
    soft = np.uint8(255) * bar
    assert score_pair(dot, soft, only("one_sided_distance"))["asd"] == 0
    assert score_pair(dot, soft, CORRECTED)["asd"] == pytest.approx(sum(range(31)) / 32)


def test_summarise_folds():
    """V10. Fold means 1/3 and 3/4, rounded to .333 and .75; over all cases 4/7."""
    values, folds = [0, 0, 1, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0, 0]
    assert summarise_folds(values, folds) == pytest.approx((0.5415, 0.2085), abs=1e-12)
    corrected = summarise_folds(values, folds, without("rounded_folds"))
    assert corrected == pytest.approx((4 / 7, (3 / 4 - 1 / 3) / np.sqrt(2)))
    assert np.isnan(summarise_folds([0.5, 1], [0, 0], CORRECTED)[1])


@pytest.fixture
def cases() -> pd.DataFrame:
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"fold": np.arange(50) % 5, "label": np.arange(50) % 3 == 0, "probability": random.random(50)})
    return frame.assign(**{metric: random.random(50) for metric in ("dice", "jaccard", "hd95", "asd")})


def test_table_is_what_the_script_prints(cases):
    folds = [fold for _, fold in cases.groupby("fold")]
    printed = table(cases)
    for metric in ("dice", "jaccard", "hd95", "asd"):
        means = [np.around(np.mean(fold[metric]), 3) for fold in folds]
        assert printed.loc[metric].tolist() == pytest.approx([np.mean(means), np.std(means)])
    recalls = [metrics.recall_score(f["label"], f["probability"] > 0.5, average="macro") for f in folds]
    assert printed.loc["recall"].tolist() == pytest.approx([np.mean(recalls), np.std(recalls)])
    assert list(printed.index) == ["dice", "jaccard", "hd95", "asd", "accuracy", "precision", "recall", "f1"]


def test_table_without_faults_is_over_all_cases(cases):
    corrected = table(cases, CORRECTED)
    assert corrected.loc["dice", "mean"] == pytest.approx(cases["dice"].mean())
    called = cases["probability"] > 0.5
    assert corrected.loc["f1", "mean"] == pytest.approx(metrics.f1_score(cases["label"], called))
    folds = [metrics.f1_score(f["label"], f["probability"] > 0.5) for _, f in cases.groupby("fold")]
    assert corrected.loc["f1", "standard_deviation"] == pytest.approx(np.std(folds, ddof=1))


def test_table_without_a_head(cases):
    printed = table(cases.assign(probability=np.nan))
    assert printed.loc["accuracy":].isna().all().all()
    assert printed.loc["dice"].notna().all()


def test_soften_is_the_released_resize():
    """Pillow's bilinear resize of 0 and 255: halving a checkerboard of 2 x 2 blocks leaves its blocks' averages."""
    mask = np.kron(np.eye(4), np.ones((8, 8))).astype(bool)
    expected = Image.fromarray(mask.astype(np.uint8) * 255, mode="L").resize((16, 16), Image.BILINEAR)
    assert (soften(mask, 16) == np.asarray(expected)).all()
    assert set(np.unique(soften(mask, 32))) == {0, 255}
