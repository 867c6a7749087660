"""The walk over protocols: changes that add up, intervals as for any paired difference."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.errors import UserError
from benchmarks.scoring import released
from benchmarks.scoring.forensics import STEPS as FORENSIC_STEPS
from benchmarks.statistics.comparisons.pairs import compare
from benchmarks.statistics.comparisons.walk import walk, walk_classes

STEPS = ["released", "surfaces", "honest"]
ROUNDED = [step.name for step in FORENSIC_STEPS if step.faults.rounded_folds]
MIXED = [step.name for step in FORENSIC_STEPS if step.faults.mixed_averages]


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
    pair = compare(cases, "dice", "inner_validation", resamples=300).query("model_b == 'other'").iloc[0]
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


@pytest.fixture(scope="module")
def walked(cases):
    """Steps of the forensics walk from made-up scores: what each step stands for is `scoring.forensics.STEPS`."""
    tables = []
    for place, step in enumerate(FORENSIC_STEPS):
        rows = cases[cases["model"] == ("other" if place % 2 else "joint")]
        rows = rows[["case", "class", "label", "group", "seed", "fold", "probability", "dice", "hd95"]]
        tables.append(rows.assign(step=step.name, model="acsnet", jaccard=rows["dice"], asd=rows["hd95"] / 2))
    return pd.concat(tables, ignore_index=True)


def printed(walked, metric) -> list[float]:
    """What `scoring.released.table` prints at each step, mean over seeds."""
    return [
        np.mean(
            [
                released.table(rows, step.faults).loc[metric, "mean"]
                for _, rows in walked[walked["step"] == step.name].groupby("seed")
            ]
        )
        for step in FORENSIC_STEPS
    ]


@pytest.mark.parametrize("metric", ["accuracy", "precision", "recall", "f1"])
def test_class_metrics_are_those_that_the_protocol_prints(walked, metric):
    names = [step.name for step in FORENSIC_STEPS]
    options = {"of_folds": ROUNDED, "mixed_averages": MIXED, "resamples": 200}
    rows = walk_classes(walked, names, **options).query("metric == @metric")
    assert rows["step"].tolist() == [*names, "whole"]
    np.testing.assert_allclose(rows["mean"].iloc[:-1], printed(walked, metric), atol=1e-12)
    changes = rows["change"].to_numpy()
    assert changes[1:-1].sum() == pytest.approx(changes[-1])
    moved = rows[rows["change"].abs() > 0.01]
    assert (moved["low"] < moved["high"]).all()


@pytest.mark.parametrize("metric", ["dice", "hd95"])
def test_rounded_means_of_folds_are_those_that_the_protocol_prints(walked, metric):
    names = [step.name for step in FORENSIC_STEPS]
    scores = walked.rename(columns={metric: "value"}).assign(metric=metric)
    rows = walk(scores, names, of_folds=ROUNDED, resamples=200)
    np.testing.assert_allclose(rows["mean"].iloc[:-1], printed(walked, metric), atol=1e-12)


def test_folds_of_the_same_size_are_no_step(cases):
    """Between the mean of equal folds and the mean of all cases lies nothing but rounding, whatever is drawn."""
    rows = cases[cases["model"] == "joint"].assign(metric="dice", model="acsnet")
    rows["fold"] = rows["case"].rank(method="dense").astype(int) % 4
    rows["value"] = np.where(rows["fold"] > 1, 0.25, 0.75)
    scores = pd.concat([rows.assign(step=step) for step in STEPS[:2]])
    table = walk(scores, STEPS[:2], of_folds=STEPS[:1], resamples=300).set_index("step")
    assert table.loc["surfaces", ["change", "low", "high"]].to_numpy(dtype=float) == pytest.approx(0, abs=1e-12)
    classes = walk_classes(scores, STEPS[:2], of_folds=STEPS[:1], resamples=300).query("metric == 'accuracy'")
    assert classes.set_index("step").loc["surfaces", ["low", "high"]].to_numpy(float) == pytest.approx(0, abs=1e-12)


def test_a_class_walk_without_a_case_of_one_class(walked):
    one = walked[walked["label"] == 1].assign(probability=0.1)
    names = [step.name for step in FORENSIC_STEPS]
    rows = walk_classes(one, names, of_folds=ROUNDED, mixed_averages=MIXED, resamples=50)
    assert (rows["mean"] == 0).all()
    with pytest.raises(UserError, match=r"The walk of acsnet, class task.*all values are empty"):
        walk_classes(walked.assign(probability=np.nan), names, resamples=20)


def test_weights_in_blocks_change_no_number(cases, scores, use_small_blocks):
    """Folds keep their weight in the sample, whichever rows of weights a block holds."""
    folds = cases[cases["model"] == "joint"].set_index(["case", "seed"])["fold"]
    rows = scores.assign(fold=folds.loc[pd.MultiIndex.from_frame(scores[["case", "seed"]])].to_numpy())
    one = {"of_folds": ["surfaces"], "resamples": 60}
    expected = walk(rows, STEPS, **one)
    use_small_blocks()
    pd.testing.assert_frame_equal(walk(rows, STEPS, **one), expected, rtol=1e-9, atol=1e-12)
