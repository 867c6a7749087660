"""The rows of a model's case scores."""

import numpy as np
import pandas as pd
import pytest
from medpy.metric import binary as medpy

from benchmarks.scoring.cases import case_table, score_model
from benchmarks.scoring.run_length import encode
from benchmarks.scoring.truth import read_benchmark

FACTS = ["case", "class", "label", "group", "seed", "fold", "selection", "epoch", "probability"]
STANDARD = ["dice", "iou", "hd95", "hd95_larger_side", "assd", "nsd", "empty"]
RELEASED = ["released_dice", "released_jaccard", "released_hd95", "released_asd"]
COLUMNS = FACTS + STANDARD + RELEASED


@pytest.fixture
def benchmark(root):
    return read_benchmark("made", root)


def test_columns_and_order(benchmark, predictions):
    shuffled = predictions.sample(frac=1, random_state=0)
    table = case_table(score_model(shuffled, benchmark))
    assert table.columns.tolist() == COLUMNS
    for column in ("selection", "seed", "case", "epoch", "probability", "fold"):
        assert table[column].tolist() == shuffled[column].tolist()
    assert table["label"].tolist() == [int(case[6]) % 2 == 0 for case in shuffled["case"]]


def test_a_mask_of_native_size_is_scored_as_it_is(benchmark, predictions, lesions):
    """A perfect one among the worse: Dice 1 at native size, and by the released rules but for its soft border."""
    masks = {case: np.roll(union, 3, axis=0) if case != "case (3)" else union for case, (union, _) in lesions.items()}
    table = predictions.query("selection == 'test_oracle' and seed == 2").assign(
        mask=[encode(mask) for mask in masks.values()],
        height=[mask.shape[0] for mask in masks.values()],
        width=[mask.shape[1] for mask in masks.values()],
    )
    scored = case_table(score_model(table, benchmark)).set_index("case")
    for case, (union, _) in lesions.items():
        assert scored["dice"][case] == pytest.approx(medpy.dc(masks[case], union))
        assert scored["hd95"][case] == pytest.approx(medpy.hd95(masks[case], union))
        assert scored["assd"][case] == pytest.approx(medpy.assd(masks[case], union))
    assert scored.loc["case (3)", ["dice", "nsd", "released_dice"]].tolist() == pytest.approx([1, 1, 1], abs=1e-6)
    assert scored.loc["case (3)", ["hd95", "assd"]].tolist() == [0, 0]


def test_an_empty_prediction(benchmark, predictions):
    scored = case_table(score_model(predictions, benchmark))
    empty = scored[scored["empty"] == 1]
    assert empty[["case", "seed"]].drop_duplicates().to_numpy().tolist() == [["case (2)", 1]]
    assert (empty["hd95"] == np.hypot(64, 48)).all()
    assert (empty[["released_hd95", "released_asd", "dice", "released_dice", "nsd"]] == 0).all(axis=None)


def test_each_distinct_mask_is_scored_once(benchmark, predictions):
    """The oracle's masks are the same for both seeds but for the empty one, 9 in all; 15 more under the other rule."""
    scored = []

    def run(function, tasks):
        scored.extend(mask for task in tasks for mask in task.masks)
        return map(function, tasks)

    score_model(predictions, benchmark, run)
    assert len(scored) == len(set(predictions[["case", "mask"]].itertuples(index=False, name=None))) == 24
    assert len(predictions) == 32


def test_without_a_segmentation_head(benchmark, predictions):
    table = case_table(score_model(predictions.assign(mask=None, height=None, width=None), benchmark))
    assert table.columns.tolist() == COLUMNS
    assert table.loc[:, "dice":].isna().all(axis=None)
    assert table["probability"].tolist() == predictions["probability"].tolist()


def test_without_a_classification_head(benchmark, predictions):
    table = case_table(score_model(predictions.assign(probability=np.nan), benchmark))
    assert table["probability"].isna().all()
    assert table["dice"].between(0, 1).all()


def test_selection_rules_do_not_mix(benchmark, predictions):
    """Scored together or apart, a row has the same scores."""
    together = case_table(score_model(predictions, benchmark))
    for rule, rows in predictions.groupby("selection"):
        apart = case_table(score_model(rows, benchmark))
        expected = together[together["selection"] == rule].reset_index(drop=True)
        pd.testing.assert_frame_equal(apart, expected)
