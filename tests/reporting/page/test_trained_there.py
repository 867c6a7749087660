"""The oracle is the committed pair of benchmarks: busi-light, and busbra-500-light, the way back."""

import dataclasses

import pandas as pd
import pytest

from benchmarks.configuration import read_parameters
from benchmarks.reporting.page.trained_there import there_text, trained_there


@pytest.fixture(scope="module")
def parameters(repository):
    return read_parameters(repository / "params.yaml")


def test_the_benchmark_that_trains_there_at_the_same_budget_is_found(parameters, repository):
    found = trained_there("busi-light", ["breast", "busbra-500"], parameters, repository)
    assert {dataset: name for dataset, (name, _) in found.items()} == {"busbra-500": "busbra-500-light"}
    back = trained_there("busbra-500-light", ["busi", "breast"], parameters, repository)
    assert {dataset: name for dataset, (name, _) in back.items()} == {"busi": "busi-light"}
    assert trained_there("busi-medium", ["breast", "busbra-500"], parameters, repository) == {}  # bfloat16


def test_another_budget_is_no_comparison(parameters, repository):
    own = parameters.benchmark("busi-light")
    longer = dataclasses.replace(own, training=dataclasses.replace(own.training, epochs=31))
    changed = dataclasses.replace(parameters, benchmarks=parameters.benchmarks | {"busi-light": longer})
    assert trained_there("busi-light", ["busbra-500"], changed, repository) == {}


def test_each_network_is_named_with_what_it_has():
    numbers = {f"{metric}{end}": [0.5, float("nan")] for metric in ("dice",) for end in ("", "_low", "_high")}
    numbers |= {f"auc{end}": [0.8, 0.75] for end in ("", "_low", "_high")}
    main = pd.DataFrame(numbers, index=["a", "b"])
    assert there_text("BUSI", "made", main, ["b", "a", "c"]) == [
        "Trained on BUSI itself, on the test folds of made: b, AUC 0.750 [0.750, 0.750]; "
        "a, Dice 0.500 [0.500, 0.500] and AUC 0.800 [0.800, 0.800]."
    ]
    assert there_text("BUSI", "made", main, ["c"]) == []
    assert there_text("BUSI", "made", main[["dice", "dice_low", "dice_high"]].tail(1), ["b"]) == []
