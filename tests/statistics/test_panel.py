"""Every way in which a table of scores can be wrong has its one clear line."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.errors import UserError
from benchmarks.statistics.panel import arrange

RULE = "inner_validation"


def test_lays_out_seeds_by_cases(cases):
    panel = arrange(cases.sample(frac=1, random_state=1), RULE)
    dice = panel.values("dice")
    assert list(dice) == ["joint", "other", "outlines"]
    one = cases.query("model == 'other' and seed == 1 and case == 'case07'")
    assert dice["other"].shape == (2, 40)
    assert dice["other"][1, 7] == one["dice"].item()
    assert panel.groups[7] == sorted(cases["group"].unique()).index(one["group"].item())


def test_derived_metrics(cases):
    panel = arrange(cases, RULE)
    row = cases.query("model == 'joint' and seed == 0").sort_values("case")
    right = (row["probability"] > 0.5) == (row["label"] == 1)
    np.testing.assert_array_equal(panel.values("accuracy")["joint"][0], right)
    np.testing.assert_allclose(panel.values("brier")["joint"][0], (row["probability"] - row["label"]) ** 2)
    np.testing.assert_array_equal(panel.values("joint_success")["joint"][0], right & (row["dice"] >= 0.7))
    assert set(panel.values("joint_success")) == {"joint", "other"}


def wrong(cases: pd.DataFrame, **cells) -> pd.DataFrame:
    """The table with the cells of its first row replaced."""
    changed = cases.copy()
    for column, value in cells.items():
        changed[column] = changed[column].astype(object)
        changed.loc[0, column] = value
    return changed


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t.drop(columns=["group", "seed"]), "lack the column.*group, seed"),
        (lambda t: t.iloc[:0], "there is none at all"),
        (lambda t: t.assign(selection="last_epoch"), "there is last_epoch"),
        (lambda t: pd.concat([t, t.iloc[:2]]), "2 rows stand more than once, the first for model joint, seed 0"),
        (lambda t: t.drop(index=3), "joint, seed 0, has scores for 39 of 40 cases and lacks case03"),
        (lambda t: wrong(t, group="elsewhere"), "disagree about the class, label or group of case case00"),
        (lambda t: wrong(t, group=np.nan), "without model, seed, case or group"),
    ],
)
def test_refuses_a_wrong_table(cases, spoil, message):
    with pytest.raises(UserError, match=message):
        arrange(spoil(cases), RULE)


@pytest.mark.parametrize(
    ("cells", "metric", "message"),
    [
        ({"dice": np.nan}, "dice", "joint: 1 of 80 cells of 'dice' are empty"),
        ({"dice": np.inf}, "dice", "no valid number"),
        ({"dice": "high"}, "dice", "no valid number"),
        ({"probability": 1.5}, "accuracy", "joint: 1 of 80 cells of 'probability'"),
        ({}, "auc", "AUC and the like are compared by"),
    ],
)
def test_refuses_wrong_scores(cases, cells, metric, message):
    with pytest.raises(UserError, match=message):
        arrange(wrong(cases, **cells), RULE).values(metric)


def test_refuses_classes_other_than_two(cases):
    normal = cases.assign(label=cases["label"].where(cases["case"] != "case03"))
    with pytest.raises(UserError, match="case03 has none"):
        arrange(normal, RULE).values("brier")
    assert len(arrange(normal, RULE).values("dice")) == 3, "outlines can be judged without a class"


def test_names_the_models_that_there_are(cases):
    panel = arrange(cases, RULE)
    with pytest.raises(UserError, match=r"'unet'.*classes, joint, other, outlines"):
        panel.pairs(panel.values("dice"), "unet")
    assert panel.pairs(panel.values("dice"), "classes") == []
    assert panel.pairs(panel.values("dice"), "outlines") == [("joint", "outlines"), ("other", "outlines")]
