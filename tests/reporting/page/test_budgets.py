"""The same networks at other budgets, on tables made by hand."""

import dataclasses

import pandas as pd
import pytest

from benchmarks.configuration import Study, read_parameters
from benchmarks.reporting.labels import DASH
from benchmarks.reporting.names import PLAIN
from benchmarks.reporting.page.budgets import budgets_part, order_text


def table(**values: tuple[float, float]) -> pd.DataFrame:
    """Dice and AUC by model, with intervals of a tenth to both sides."""
    main = pd.DataFrame(values, index=["dice", "auc"]).T.rename_axis("model")
    bounds = {
        f"{metric}_{end}": main[metric] + shift for metric in main for end, shift in (("low", -0.1), ("high", 0.1))
    }
    return main.assign(**bounds)


NONE = float("nan")
SMALL = table(a=(0.5, 0.8), b=(0.4, 0.9), c=(0.3, NONE), d=(0.6, 0.7))
LARGE = table(a=(0.7, 0.7), b=(0.8, 0.8), c=(0.6, NONE))


def test_pairs_that_keep_their_order_are_counted():
    """Dice: a and b change places, both stay above c; AUC: b above a in both, c has none."""
    told = "2 of 3 pairs by Dice and 1 of 1 pair by AUC in the same order"
    assert order_text(SMALL, LARGE, ["dice", "auc"]) == told
    assert order_text(LARGE, SMALL, ["dice", "auc"]) == told
    assert order_text(SMALL, LARGE[["dice"]], ["auc"]) == "no pair with the same head"


@pytest.fixture
def parameters(repository, tmp_path):
    """busi-small and busi-light, with tables; busi-small-ungrouped has other folds and busi-medium no tables."""
    names = ("busi-small", "busi-light", "busi-small-ungrouped")
    for name, main in zip(names, (SMALL, LARGE, LARGE), strict=True):
        folder = tmp_path / "reports" / "tables" / name
        folder.mkdir(parents=True)
        main.to_csv(folder / "main.csv")
    declared = read_parameters(repository / "params.yaml")
    studies = {"one": Study(benchmarks=dict.fromkeys((*names, "busi-medium"), "busi"), models=["acsnet"])}
    return dataclasses.replace(declared, studies=studies)


def test_the_larger_benchmark_stands_beside_the_smaller(parameters, tmp_path):
    part = budgets_part("busi-small", parameters, tmp_path, PLAIN)
    assert part["sentences"] == [
        "busi-light (128 px, 30 epochs, 1 seed) trains 3 of these networks, too: 2 of 3 pairs by Dice and 1 of 1 pair "
        "by AUC in the same order."
    ]
    assert part["table"]["columns"][2] == "Dice, busi-light (128 px, 30 epochs, 1 seed)"
    rows = {row[0]: row[1:] for row in part["table"]["rows"]}
    assert rows["a"][:2] == ["0.500 [0.400, 0.600]", "0.700 [0.600, 0.800]"]
    assert rows["c"][2:] == [DASH, DASH]
    assert "d" not in rows
    assert budgets_part("busi-small-ungrouped", parameters, tmp_path, PLAIN) is None
