"""McNemar against statsmodels, Cochran's Q against Cochran's own example."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.contingency_tables import mcnemar as exact_mcnemar

from benchmarks.statistics.comparisons.agreement import cochran, mcnemar

RULE = "inner_validation"


def from_outcomes(outcomes: np.ndarray) -> pd.DataFrame:
    """Case scores of models (columns) that are right (1) or wrong (0) on cases (rows)."""
    rows = [
        {"model": f"m{m}", "case": f"c{c:03d}", "group": f"c{c:03d}", "seed": 0, "selection": RULE, "label": 1,
         "probability": 0.9 if right else 0.1}
        for (c, m), right in np.ndenumerate(outcomes)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_cochrans_culture_media():
    """Cochran 1950: 69 specimens on four media, Q = 8.05 with 3 degrees of freedom."""
    patterns = {(1, 1, 1, 1): 4, (1, 1, 0, 1): 2, (0, 1, 1, 1): 3, (0, 1, 0, 1): 1, (0, 0, 0, 0): 59}
    outcomes = np.repeat(list(patterns), list(patterns.values()), axis=0)
    row = cochran(from_outcomes(outcomes), RULE).iloc[0]
    assert row["q"] == pytest.approx(8.05, abs=0.005)
    assert (row["degrees_of_freedom"], row["models"], row["cases"]) == (3, 4, 69)


def test_no_case_divides_the_models():
    outcomes = np.repeat([[1, 1], [0, 0]], 5, axis=0)
    assert tuple(cochran(from_outcomes(outcomes), RULE)[["q", "p_value"]].iloc[0]) == (0, 1)
    assert mcnemar(from_outcomes(outcomes), RULE)["p_value"].item() == 1


def test_mcnemar_equals_statsmodels(cases):
    table = mcnemar(cases, RULE)
    assert len(table) == 3 * 2
    for row in table.itertuples():
        assert row.both_right + row.only_a + row.only_b + row.both_wrong == 40
        counts = [[row.both_right, row.only_a], [row.only_b, row.both_wrong]]
        assert row.p_value == pytest.approx(exact_mcnemar(counts, exact=True).pvalue)
        assert row.p_holm >= row.p_value
    a, b = (
        cases.query(f"model == '{m}' and seed == 1").eval("(probability > .5) == (label == 1)").to_numpy()
        for m in ("classes", "joint")
    )
    first = table.query("model_a == 'classes' and model_b == 'joint' and seed == 1").iloc[0]
    assert (first["only_a"], first["only_b"]) == ((a & ~b).sum(), (b & ~a).sum())


def test_one_model_has_no_pair(cases):
    one = cases[cases["model"] == "joint"]
    assert mcnemar(one, RULE).empty
    assert cochran(one, RULE).empty
