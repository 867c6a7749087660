"""Kendall's tau between two datasets, held to SciPy and to orders made by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau

from benchmarks.statistics.rankings.kendall import kendall
from benchmarks.statistics.rankings.transfer import ranking_transfer


def test_tau_is_scipys_with_and_without_ties():
    generator = np.random.default_rng(0)
    first, second = generator.integers(0, 5, (2, 200, 6)).astype(float)
    expected = [kendalltau(a, b).statistic for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(kendall(first, second), expected)
    assert np.isnan(kendall(np.zeros((1, 3)), np.arange(3.0)[None])).all()


def scores(means: dict[str, float], seed: int, spread: float = 0.02) -> pd.DataFrame:
    """Two networks of each model on 40 cases; Dice about the model's mean."""
    generator = np.random.default_rng(seed)
    tables = []
    for model, mean in means.items():
        for fold in range(2):
            table = pd.DataFrame({"case": [f"c{i}" for i in range(40)], "label": np.arange(40) % 2})
            table = table.assign(model=model, seed=0, fold=fold, group=table["case"], probability=np.nan)
            tables.append(table.assign(dice=generator.normal(mean, spread, 40), iou=0.5))
    return pd.concat(tables, ignore_index=True)


def test_an_order_that_holds_and_one_that_turns_round():
    internal = scores({"a": 0.8, "b": 0.7, "c": 0.6}, 0)
    holds = ranking_transfer(internal, scores({"a": 0.7, "b": 0.6, "c": 0.5}, 1), resamples=200)
    assert holds["metric"].tolist() == ["dice"]  # no probabilities
    assert holds.iloc[0][["models", "tau", "low", "high", "tau_internal"]].tolist() == [3, 1, 1, 1, 1]
    turned = ranking_transfer(internal, scores({"a": 0.5, "b": 0.6, "c": 0.7}, 1), resamples=200)
    assert turned.iloc[0][["tau", "low", "high", "pairs_reversed"]].tolist() == [-1, -1, -1, 3]
    assert turned.iloc[0][["best_internal", "best_external"]].tolist() == ["a", "c"]


def test_models_that_do_not_differ_leave_the_order_open():
    same = dict.fromkeys("abcd", 0.7)
    row = ranking_transfer(scores(same, 0, 0.1), scores(same, 1, 0.1), resamples=500).iloc[0]
    assert row["low"] < 0 < row["high"]
    assert row["tau_internal"] < 0.9


def test_one_model_has_no_order():
    assert ranking_transfer(scores({"a": 0.8}, 0), scores({"a": 0.8}, 1), resamples=50).empty


@pytest.mark.parametrize("lacking", ["internal", "external"])
def test_a_model_on_one_side_alone_is_left_out(lacking):
    three, two = {"a": 0.8, "b": 0.7, "c": 0.6}, {"a": 0.8, "b": 0.7}
    sides = (two, three) if lacking == "internal" else (three, two)
    row = ranking_transfer(scores(sides[0], 0), scores(sides[1], 1), resamples=50).iloc[0]
    assert row["models"] == 2
