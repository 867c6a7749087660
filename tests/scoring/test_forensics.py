"""The walk from the released protocol to the standard one: where it begins and ends, and what each step changes."""

import dataclasses
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from benchmarks.errors import UserError
from benchmarks.scoring import released
from benchmarks.scoring.cases import case_table, score_model
from benchmarks.scoring.forensics import SCORED_STEPS, STEPS, forensics_table, read_walk, summarise, walk
from benchmarks.scoring.segmentation import score, to_native
from benchmarks.scoring.truth import Truth, read_benchmark

METRICS = ["dice", "jaccard", "hd95", "asd"]
NAMES = ["released", "V2", "V10", "V4", "V3", "V8", "V9", "V5", "V1"]


@pytest.fixture
def scores(root, predictions) -> pd.DataFrame:
    return score_model(predictions, read_benchmark("made", root))


@pytest.fixture
def rows(scores, tmp_path) -> pd.DataFrame:
    """The walk as read back from its file."""
    forensics_table(scores).to_csv(tmp_path / "walk.csv", index=False)
    return read_walk(tmp_path / "walk.csv")


def at(rows: pd.DataFrame, step: str) -> pd.DataFrame:
    return rows[rows["step"] == step].reset_index(drop=True)


def test_a_step_removes_its_faults_and_no_others():
    assert [step.name for step in STEPS] == NAMES
    assert STEPS[0].faults == released.RELEASED
    assert STEPS[-1].faults == released.CORRECTED
    removed = [
        [name for name, kept in dataclasses.asdict(before.faults).items() if kept and not getattr(after.faults, name)]
        for before, after in pairwise(STEPS)
    ]
    assert removed == [
        ["region_distances"],
        ["one_sided_distance", "rounded_folds"],
        ["empty_is_perfect"],
        ["soft_truth"],
        ["first_mask_only"],
        ["network_grid"],
        ["mixed_averages"],
        [],
    ]


def test_the_walk_of_a_mask_is_released_scoring_under_each_steps_faults(lesions):
    """The last one's scores are handed over, being the standard ones; they are what released scoring says as well."""
    union, first = lesions["case (8)"]
    truth = Truth(union, first, released.soften(first, 32))
    prediction = np.roll(released.to_grid(union, 32), (1, 1), (0, 1))
    scores = walk(prediction, truth, score(to_native(prediction, *union.shape), union))
    assert len(scores) == 4 * len(SCORED_STEPS) == 28
    for step in SCORED_STEPS:
        expected = released.score(prediction, truth, step.faults)
        assert {metric: scores[f"{metric}_{step.name}"] for metric in METRICS} == pytest.approx(expected)


def test_the_walk_begins_with_the_released_and_ends_with_the_standard_scores(scores, rows):
    cases = case_table(scores)
    oracle = cases[cases["selection"] == "test_oracle"]
    honest = cases[cases["selection"] == "inner_validation"]
    for metric, standard in zip(METRICS, ("dice", "iou", "hd95", "assd"), strict=True):
        np.testing.assert_allclose(at(rows, "released")[metric], oracle[f"released_{metric}"])
        np.testing.assert_allclose(at(rows, "V9")[metric], oracle[standard])
        np.testing.assert_allclose(at(rows, "V1")[metric], honest[standard])
    assert at(rows, "V5")["selection"].unique().tolist() == ["test_oracle"]
    assert at(rows, "V1")["selection"].unique().tolist() == ["inner_validation"]


def test_what_each_step_can_change(rows):
    """By case: V2 only distances, V10 only ASD, V4 only the empty prediction, V8 only the case of two lesions."""

    def changed(step: str) -> pd.DataFrame:
        before, after = at(rows, NAMES[NAMES.index(step) - 1]), at(rows, step)
        return (before[METRICS] - after[METRICS]).abs().gt(1e-5).assign(case=after["case"], seed=after["seed"])

    assert not changed("V2")[["dice", "jaccard"]].any(axis=None)
    assert changed("V2")[["asd"]].any(axis=None)
    assert not changed("V10")[["dice", "jaccard", "hd95"]].any(axis=None)
    assert changed("V4").query("hd95")[["case", "seed"]].to_numpy().tolist() == [["case (2)", 1]]
    assert changed("V3")["dice"].any()
    assert set(changed("V8").query("dice or asd")["case"]) == {"case (8)"}
    assert not changed("V5")[METRICS].any(axis=None)
    assert at(rows, "V4").query("case == 'case (2)' and seed == 1")["hd95"].item() == pytest.approx(np.hypot(32, 32))
    assert at(rows, "V9").query("case == 'case (2)' and seed == 1")["hd95"].item() == pytest.approx(np.hypot(64, 48))


def test_the_summary_begins_with_what_the_script_prints(scores, rows):
    table = summarise(rows).set_index(["seed", "step", "metric"]).sort_index()
    oracle = case_table(scores).query("selection == 'test_oracle' and seed == 2").drop(columns=["dice", "hd95"])
    printed = released.table(oracle.rename(columns={f"released_{metric}": metric for metric in METRICS}))
    pd.testing.assert_frame_equal(table.loc[2, "released"], printed.sort_index())
    honest = case_table(scores).query("selection == 'inner_validation' and seed == 2")
    assert table["mean"][2, "V1", "dice"] == pytest.approx(honest["dice"].mean())
    assert table["mean"][2, "V1", "asd"] == pytest.approx(honest["assd"].mean())


def test_mixed_averages_change_the_class_metrics_alone(rows):
    table = summarise(rows).set_index(["seed", "step", "metric"])["mean"]
    for metric in (*METRICS, "accuracy"):
        assert table[1, "V5", metric] == table[1, "V9", metric]
    assert table[1, "V5", "recall"] != table[1, "V9", "recall"]


def test_without_an_oracle_the_last_step_is_not_shown(scores, tmp_path):
    """Also for a submitted table, whose rule is its authors' own."""
    for rule in ("inner_validation", "external"):
        chosen = scores[scores["selection"] == "inner_validation"].assign(selection=rule)
        forensics_table(chosen).to_csv(tmp_path / "walk.csv", index=False)
        rows = read_walk(tmp_path / "walk.csv")
        assert rows["step"].unique().tolist() == NAMES[:-1]
        assert rows["selection"].unique().tolist() == [rule]


def test_without_an_inner_validation_set_the_last_epoch_ends_the_walk(scores):
    renamed = scores.assign(selection=scores["selection"].replace("inner_validation", "last_epoch"))
    assert forensics_table(renamed)["selection_V1"].unique().tolist() == ["last_epoch"]
    alone = scores[scores["selection"] == "test_oracle"]
    assert forensics_table(alone)["selection_V1"].isna().all()
    assert forensics_table(alone).columns.tolist() == forensics_table(scores).columns.tolist()


def test_a_model_without_masks_walks_with_its_probabilities(root, predictions, tmp_path):
    table = predictions.assign(mask=None, height=None, width=None)
    forensics_table(score_model(table, read_benchmark("made", root))).to_csv(tmp_path / "walk.csv", index=False)
    means = summarise(read_walk(tmp_path / "walk.csv")).set_index(["seed", "step", "metric"])["mean"]
    # Probabilities .1 to .8, labels 0 1 0 1 0 1 0 1: the second, fourth and seventh case are called wrongly.
    assert means[1, "V1", "accuracy"] == 5 / 8
    assert np.isnan(means[1, "V1", "dice"])


def test_a_damaged_table_is_named(tmp_path):
    path = tmp_path / "walk.csv"
    with pytest.raises(UserError, match=r"walk.csv: not a readable forensics table"):
        read_walk(path)
    path.write_text("case,label\n1,2\n")
    with pytest.raises(UserError, match=r"walk.csv: .*Score the benchmark again"):
        read_walk(path)
