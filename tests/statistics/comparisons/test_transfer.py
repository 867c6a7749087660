"""From the own test folds to another dataset: held to scikit-learn, to closed forms and to cases made by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.metrics import brier_score_loss, roc_auc_score

from benchmarks.errors import UserError
from benchmarks.statistics.comparisons.transfer import each_network, rates_above, threshold_of, transfer
from benchmarks.statistics.rankings.transfer import ranking_transfer

RESAMPLES = 400


def made(cases: int, folds: int, everywhere: bool, seed: int, shift: float = 0.0, models=("unet",)) -> pd.DataFrame:
    """Case scores: every case in its own fold, or (`everywhere`) in each."""
    generator = np.random.default_rng(seed)
    labels = np.arange(cases) % 4 == 0
    tables = []
    for model in models:
        for fold in range(folds):
            inside = np.arange(cases) if everywhere else np.flatnonzero(np.arange(cases) % folds == fold)
            probability = np.clip(generator.normal(0.35 + 0.3 * labels[inside], 0.2), 0, 1)
            table = pd.DataFrame({"model": model, "seed": 0, "fold": fold, "case": inside.astype(str)})
            table["group"] = [f"g{case // 2}" for case in inside]
            table["label"], table["probability"] = labels[inside].astype(int), probability
            table["dice"] = np.clip(generator.normal(0.7 - shift, 0.1, len(inside)), 0, 1)
            tables.append(table.assign(iou=table["dice"] / (2 - table["dice"])))
    return pd.concat(tables, ignore_index=True).astype({"fold": "Int64"})


@pytest.fixture(scope="module")
def sides() -> tuple[pd.DataFrame, pd.DataFrame]:
    return made(150, 3, False, 0), made(120, 3, True, 1, shift=0.1)


@pytest.fixture(scope="module")
def table(sides) -> pd.DataFrame:
    return transfer(*sides, resamples=RESAMPLES).set_index("metric")


def test_numbers_of_either_side(sides, table):
    internal, external = sides
    assert table.loc["dice", "internal"] == pytest.approx(internal["dice"].mean())
    assert table.loc["dice", "external"] == pytest.approx(external["dice"].mean())
    assert table.loc["dice", "change"] == pytest.approx(external["dice"].mean() - internal["dice"].mean())
    for side, frame in (("internal", internal), ("external", external)):
        areas = [roc_auc_score(own["label"], own["probability"]) for _, own in frame.groupby("fold")]
        assert table.loc["auc", side] == pytest.approx(np.mean(areas))
        assert table.loc["brier", side] == pytest.approx(brier_score_loss(frame["label"], frame["probability"]))
        excess = frame["probability"].mean() - frame["label"].mean()
        assert table.loc["probability_excess", side] == pytest.approx(excess)
    assert table.loc["auc", "network_sd"] == pytest.approx(np.std(areas, ddof=1))
    assert (table.loc["auc", "network_min"], table.loc["auc", "network_max"]) == pytest.approx((min(areas), max(areas)))
    assert (table["networks"] == 3).all()
    assert (table["cases"] == 120).all()
    assert (table["groups"] == 60).all()


def test_the_interval_of_a_change_is_that_of_two_independent_means(sides, table):
    """The standard error of a difference of means over independent groups: the root of the sum of both squares."""
    variance = 0
    for frame in sides:
        means = frame.groupby("group")["dice"].mean()  # groups hold equally many predictions, but for the last
        variance += means.var(ddof=1) / len(means)
    half = norm.ppf(0.975) * np.sqrt(variance)
    row = table.loc["dice"]
    assert row["change_high"] - row["change"] == pytest.approx(half, rel=0.15)
    assert row["change"] - row["change_low"] == pytest.approx(half, rel=0.15)
    assert row["change_high"] < 0  # a drop of a tenth is found


def test_one_of_many_identical_networks_is_all_of_them(sides):
    """Two copies of a network on either side are one network: no spread, the same numbers and intervals."""
    one = [frame[frame["fold"] == 0] for frame in sides]
    first = transfer(*one, resamples=RESAMPLES)
    twice = [pd.concat([frame, frame.assign(seed=1)]) for frame in one]
    second = transfer(*twice, resamples=RESAMPLES)
    assert (second["networks"] == 2).all()
    np.testing.assert_allclose(second["network_sd"], 0, atol=1e-12)
    for column in ("internal", "external", "change", "change_low", "change_high"):
        np.testing.assert_allclose(first[column], second[column], atol=1e-9, err_msg=column)


def test_the_threshold_has_nine_tenths_of_the_benign_cases_below_it():
    """Twenty benign cases from .00 to .95: eighteen are not above .85. Of the malignant, 3 of 4 are above it."""
    frame = pd.DataFrame({"probability": np.arange(20) / 20, "label": 0, "code": np.arange(20)})
    malignant = pd.DataFrame({"probability": [0.2, 0.86, 0.9, 1.0], "label": 1, "code": [20, 21, 22, 23]})
    frame = pd.concat([frame, malignant], ignore_index=True)
    weights = np.ones((2, 24))
    weights[1, :19] = 0  # of the benign, the last alone
    thresholds = threshold_of(frame, weights)
    np.testing.assert_allclose(thresholds, [0.85, 0.95])
    sensitivity, specificity = rates_above(frame, thresholds, weights)
    np.testing.assert_allclose(sensitivity, [3 / 4, 1 / 4])
    np.testing.assert_allclose(specificity, [18 / 20, 1])
    assert np.isnan(threshold_of(malignant, weights)).all()


def test_thresholds_are_carried_over_network_by_network(sides, table):
    internal, external = sides
    rates = []
    for fold in range(3):
        own, other = internal[internal["fold"] == fold], external[external["fold"] == fold]
        benign = np.sort(own.loc[own["label"] == 0, "probability"])
        threshold = benign[int(np.ceil(0.9 * len(benign))) - 1]
        called = other["probability"] > threshold
        rates.append((called[other["label"] == 1].mean(), (~called[other["label"] == 0]).mean()))
    sensitivity, specificity = np.mean(rates, axis=0)
    assert table.loc["sensitivity_at_threshold", "external"] == pytest.approx(sensitivity)
    assert table.loc["specificity_at_threshold", "external"] == pytest.approx(specificity)
    assert table.loc["specificity_at_threshold", "internal"] >= 0.9
    row = table.loc["sensitivity_at_threshold"]
    assert row["external_low"] < row["external"] < row["external_high"]


def test_every_network_by_itself(sides):
    internal, external = sides
    table = each_network(internal, external).set_index(["fold", "metric"])
    for fold in range(3):
        own, other = internal[internal["fold"] == fold], external[external["fold"] == fold]
        assert table.loc[(fold, "dice"), "internal"] == pytest.approx(own["dice"].mean())
        assert table.loc[(fold, "dice"), "external"] == pytest.approx(other["dice"].mean())
        assert table.loc[(fold, "auc"), "external"] == pytest.approx(
            roc_auc_score(other["label"], other["probability"])
        )
    lacking = each_network(internal[internal["fold"] != 2], external).set_index(["fold", "metric"])
    assert np.isnan(lacking.loc[(2, "dice"), "internal"])


def test_an_ensemble_stands_beside_the_networks(sides):
    internal, external = sides
    together = external.groupby("case", as_index=False).agg(
        {"probability": "mean", "dice": "mean", "iou": "mean", "label": "first", "group": "first"}
    )
    together = together.assign(model="unet", seed=0, fold=pd.NA)
    table = transfer(internal, pd.concat([external, together]), resamples=RESAMPLES).set_index("metric")
    expected = roc_auc_score(together["label"], together["probability"])
    assert table.loc["auc", "ensemble"] == pytest.approx(expected)
    assert table.loc["auc", "ensemble"] > table.loc["auc", "external"]
    assert table.loc["auc", "networks"] == 3


def test_folds_that_were_not_tested_externally_do_not_count_internally(sides):
    internal, external = sides
    table = transfer(internal, external[external["fold"] != 2], resamples=RESAMPLES).set_index("metric")
    assert table.loc["dice", "internal"] == pytest.approx(internal.loc[internal["fold"] != 2, "dice"].mean())
    assert table.loc["dice", "networks"] == 2


def test_a_head_that_is_lacking_has_no_rows_and_a_model_without_internal_scores_no_change(sides):
    internal, external = sides
    outlines = transfer(internal.assign(probability=np.nan), external.assign(probability=np.nan), resamples=RESAMPLES)
    assert set(outlines["metric"]) == {"dice", "iou"}
    other = transfer(internal.assign(model="mtan"), external, resamples=RESAMPLES)
    assert other["change"].isna().all()
    assert other["external"].notna().all()
    assert not set(other["metric"]) & {"sensitivity_at_threshold"}


def test_bad_tables_are_named(sides):
    internal, external = sides
    with pytest.raises(UserError, match="case scores of the other dataset, found none"):
        transfer(internal, external.iloc[:0])
    with pytest.raises(UserError, match="stand more than once, the first for model unet, seed 0, fold 0, case"):
        transfer(internal, pd.concat([external, external]))
    with pytest.raises(UserError, match="1 cells of 'dice' are empty"):
        transfer(internal, external.assign(dice=external["dice"].where(external.index != 3)))


def test_weights_in_blocks_change_no_number(sides, table, use_small_blocks):
    others = [s.assign(model="other", dice=s["dice"] ** 2, probability=7 * s["probability"] % 1) for s in sides]
    ranked = [pd.concat(both) for both in zip(sides, others, strict=True)]
    expected = ranking_transfer(*ranked, resamples=100)
    use_small_blocks()
    found = transfer(*sides, resamples=RESAMPLES).set_index("metric")
    pd.testing.assert_frame_equal(found, table, rtol=1e-9, atol=1e-12)
    pd.testing.assert_frame_equal(ranking_transfer(*ranked, resamples=100), expected, rtol=1e-9)
