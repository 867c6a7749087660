"""The walk over protocols: changes that add up, intervals as for any paired difference."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.errors import UserError
from benchmarks.statistics.pairs import compare_all
from benchmarks.statistics.walk import walk

STEPS = ["released", "surfaces", "honest"]


@pytest.fixture(scope="module")
def scores(cases):
    """Two models and two metrics; the three steps are the scores of three models of the case table."""
    tables = []
    for metric in ("dice", "hd95"):
        for step, source in zip(STEPS, ["outlines", "other", "joint"], strict=True):
            rows = cases[cases["model"] == source]
            tables.append(rows[["case", "group", "seed"]].assign(step=step, metric=metric, value=rows[metric]))
    one = pd.concat(tables)
    return pd.concat([one.assign(model="acsnet"), one.assign(model="unet", value=one["value"] / 2)])


def test_means_and_changes(scores):
    table = walk(scores, STEPS, resamples=300)
    rows = table.query("model == 'acsnet' and metric == 'dice'").set_index("step")
    assert list(rows.index) == [*STEPS, "whole"]
    means = scores.query("model == 'acsnet' and metric == 'dice'").groupby("step")["value"].mean()
    np.testing.assert_allclose(rows.loc[STEPS, "mean"], means[STEPS])
    assert rows.loc["whole", "change"] == pytest.approx(means["honest"] - means["released"])
    assert rows.loc[STEPS, "change"].sum() == pytest.approx(rows.loc["whole", "change"])
    assert rows["since"].tolist() == ["", "released", "surfaces", "released"]
    assert (rows["cases"] == 40).all()
    assert (rows["groups"] == 25).all()
    assert (rows["seeds"] == 2).all()


def test_intervals_are_those_of_paired_differences(scores, cases):
    row = (
        walk(scores, STEPS, resamples=300).query("model == 'acsnet' and metric == 'dice' and step == 'honest'").iloc[0]
    )
    pair = compare_all(cases, "dice", "inner_validation", resamples=300).query("model_b == 'other'").iloc[0]
    assert (row["change"], row["low"], row["high"]) == pytest.approx(
        (pair["difference"], pair["low"], pair["high"]), abs=1e-12
    )


def test_a_step_that_changes_nothing(scores):
    still = scores.assign(value=scores.groupby(["model", "metric", "case", "seed"])["value"].transform("first"))
    rows = walk(still, STEPS, resamples=50)
    assert (rows[["change", "low", "high"]].dropna() == 0).all(axis=None)


def test_goes_over_steps_that_a_metric_lacks(scores):
    without = scores[~((scores["metric"] == "hd95") & (scores["step"] == "surfaces"))]
    rows = walk(without, STEPS, resamples=50).query("model == 'unet' and metric == 'hd95'")
    assert rows["step"].tolist() == ["released", "honest", "whole"]
    assert rows["since"].tolist() == ["", "released", "released"]


@pytest.mark.parametrize(
    ("spoil", "steps", "message"),
    [
        (lambda t: t.drop(columns="step"), STEPS, "lack the column.s. step"),
        (lambda t: t, STEPS[:2], "found .'honest'"),
        (lambda t: t, [*STEPS, "whole"], "none 'whole'"),
        (lambda t: pd.concat([t, t.iloc[:1]]), STEPS, "The walk of acsnet, dice, .* 1 rows stand more than once"),
        (lambda t: t.iloc[1:], STEPS, "The walk of acsnet, dice, .* lacks case00"),
        (lambda t: t.assign(value=t["value"].where(t["step"] != "honest")), STEPS, "honest: all values are empty"),
    ],
)
def test_refuses_a_wrong_table(scores, spoil, steps, message):
    with pytest.raises(UserError, match=message):
        walk(spoil(scores), steps, resamples=20)
