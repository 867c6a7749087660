"""What no table may depend on: the order of the rows, the names of the models, or the run of the program."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.statistics.comparisons.agreement import cochran, mcnemar
from benchmarks.statistics.comparisons.bootstrap import compare_by_bootstrap
from benchmarks.statistics.comparisons.contrast import contrast
from benchmarks.statistics.comparisons.corrected_t import compare_runs
from benchmarks.statistics.comparisons.delong import compare_auc
from benchmarks.statistics.comparisons.false_claims import false_claims
from benchmarks.statistics.comparisons.outperforming import outperforming
from benchmarks.statistics.comparisons.pairs import compare
from benchmarks.statistics.comparisons.precision import minimum_detectable
from benchmarks.statistics.estimates.calibration import reliability
from benchmarks.statistics.estimates.decision_curve import decision_curve
from benchmarks.statistics.estimates.difficulty import case_difficulty, mixed_model
from benchmarks.statistics.estimates.intervals import alternatives, summarise
from benchmarks.statistics.estimates.joint import joint_success
from benchmarks.statistics.estimates.operating_points import sensitivity_at_specificity
from benchmarks.statistics.estimates.profiles import interquartile_mean, performance_profiles
from benchmarks.statistics.estimates.strata import stratify
from benchmarks.statistics.estimates.variance import split_variance
from benchmarks.statistics.rankings.mean_ranks import critical_difference, friedman, nemenyi
from benchmarks.statistics.rankings.stability import rank_shares, rank_stability
from benchmarks.statistics.resampling import group_weights

RULE = "inner_validation"
FEW = {"resamples": 30}


def raised(cases: pd.DataFrame) -> pd.DataFrame:
    return cases.assign(probability=cases["probability"].clip(0.3))


TABLES = {
    "summarise": lambda t, _: summarise(t, RULE, **FEW),
    "alternatives": lambda t, _: alternatives(t, RULE),
    "compare_to": lambda t, _: compare(t, "accuracy", RULE, reference=min(t["model"]), **FEW),
    "compare": lambda t, _: compare(t, "hd95", RULE, **FEW),
    "compare_auc": lambda t, _: compare_auc(t, RULE),
    "compare_by_bootstrap": lambda t, _: compare_by_bootstrap(t, "average_precision", RULE, **FEW),
    "compare_runs": lambda t, _: compare_runs(t, "dice", RULE),
    "mcnemar": lambda t, _: mcnemar(t, RULE),
    "cochran": lambda t, _: cochran(t, RULE),
    "friedman": lambda t, _: friedman(t, "dice", RULE),
    "critical_difference": lambda t, _: critical_difference(t, "dice", RULE),
    "nemenyi": lambda t, _: nemenyi(t, "dice", RULE),
    "rank_stability": lambda t, _: rank_stability(t, "auc", RULE, **FEW),
    "rank_shares": lambda t, _: rank_shares(t, "dice", RULE, **FEW),
    "outperforming": lambda t, _: outperforming(t, "dice", RULE, **FEW),
    "performance_profiles": lambda t, _: performance_profiles(t, "dice", RULE, **FEW),
    "interquartile_mean": lambda t, _: interquartile_mean(t, "dice", RULE, **FEW),
    "minimum_detectable": lambda t, _: minimum_detectable(t, "dice", RULE),
    "false_claims": lambda t, _: false_claims(t, "dice", RULE),
    "mixed_model": lambda t, _: mixed_model(t, "dice", RULE),
    "case_difficulty": lambda t, _: case_difficulty(t, "dice", RULE),
    "stratify": lambda t, truth: stratify(t, truth, "dice", RULE, **FEW),
    "split_variance": lambda t, _: split_variance(t, "dice", RULE),
    "reliability": lambda t, _: reliability(t, RULE, **FEW),
    "sensitivity_at_specificity": lambda t, _: sensitivity_at_specificity(t, RULE, **FEW),
    "decision_curve": lambda t, _: decision_curve(t, RULE, **FEW),
    "joint_success": lambda t, _: joint_success(t, RULE, **FEW),
    "contrast": lambda t, truth: contrast(t, raised(t), truth.set_index("case")["flags"] == "", "auc", RULE, **FEW),
}
ALL = pytest.mark.parametrize("name", list(TABLES))
NAMES = {"joint": "z", "other": "y", "outlines": "x", "classes": "w"}


@pytest.fixture(scope="module")
def made(cases, truth):
    """The table of a name, made once."""
    return cache(lambda name: TABLES[name](cases, truth))


@ALL
@settings(max_examples=2, deadline=None)
@given(order=st.integers(0, 1000))
def test_order_of_rows_and_rerun_change_no_digit(name, cases, truth, made, order):
    expected = made(name)
    assert not expected.empty
    group_weights.cache_clear()
    shuffled = cases.sample(frac=1, random_state=order)
    found = TABLES[name](shuffled, truth.sample(frac=1, random_state=order))
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


@ALL
def test_weights_in_blocks_change_no_number(name, cases, truth, made, use_small_blocks):
    expected = made(name)
    use_small_blocks()
    pd.testing.assert_frame_equal(TABLES[name](cases, truth), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in TABLES if name != "compare_to"])  # its reference is the first name
def test_names_of_the_models_do_not_matter(name, cases, truth, made):
    """New names, which sort the other way: the same rows; of a pair that is turned round, what has no sign."""
    renamed = TABLES[name](cases.replace({"model": NAMES}), truth)
    found = made(name).replace({column: NAMES for column in ("model", "model_a", "model_b") if column in renamed})
    keys = ["model", "metric", "component", "outcome", "threshold", "specificity", "seed", "by", "stratum"]
    keys += ["case", "bin", "rank", "subset"]
    if "model_a" in found:
        keys = ["pair", "seed"]
        for table in (found, renamed):
            table["pair"] = [min(pair) + max(pair) for pair in zip(table["model_a"], table["model_b"], strict=True)]
        unsigned = ["pair", "seed", "p_value", "p_max_t", "standard_deviation", "minimum_detectable", "both_right"]
        found, renamed = (table[table.columns.intersection(unsigned)] for table in (found, renamed))
    found, renamed = (
        table.sort_values(list(table.columns.intersection(keys)), ignore_index=True) for table in (found, renamed)
    )
    pd.testing.assert_frame_equal(found, renamed, rtol=1e-9)


@ALL
@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t[t["case"] == "case03"],
        lambda t: t[t["label"] == 1],
        lambda t: t[t["model"] == "joint"],
        lambda t: t[t["model"] == "outlines"],
        lambda t: t[t["model"] == "classes"],
        lambda t: t.assign(group="g"),
        lambda t: t.assign(
            dice=0.5, hd95=0.0, iou=0.0, hd95_larger_side=0.0, assd=0.0, nsd=0.0, empty=1.0, probability=0.5
        ),
        lambda t: t[t["seed"] == 0].assign(fold=0),
    ],
    ids=["one case", "one class", "one model", "no class head", "no mask head", "one group", "all tied", "one run"],
)
def test_poor_tables_give_tables(name, cases, truth, spoil):
    """Every cell is a number, a word, or empty; shares and p-values keep to 0 and 1; no warning of numpy escapes."""
    with np.errstate(all="raise", under="ignore"):
        table = TABLES[name](spoil(cases), truth)
    for column in table.columns.intersection(
        ["p_value", "p_holm", "p_max_t", "p_better", "p_worse", "share", "share_first", "probability", "sensitivity"]
    ):
        assert table[column].dropna().between(0, 1 + 1e-12).all(), column
    numbers = table.select_dtypes("number")
    assert not np.isinf(numbers.to_numpy(float)).any()
