"""Committed results on other datasets are rebuilt and held to each other; a changed one is named."""

import json

import pandas as pd
import pytest

from benchmarks.verify.external import check_external_agreement, external_checks
from benchmarks.verify.faults import Fault


def test_what_is_as_committed_and_what_is_not(external):
    found = {(rung, does, subject): (make, told) for rung, does, subject, make, told in external_checks(external)}
    make, _ = found["a", "made from scores", "made-up on others"]
    assert make() == ("6 files rebuilt", [])
    assert found["a", "made from tables", "reports/external/figures"][0]() == ("2 files rebuilt", [])
    told = ("skipped: no prepared/external/breast-32", [])
    assert found["b", "scored anew", "made-up on others"] == (None, told)
    table = external / "reports" / "external" / "tables" / "made-up" / "transfer.csv"
    table.write_text(table.read_text().replace("acsnet,dice", "acsnet,dise", 1))
    (fault,) = make()[1]
    assert fault[0] == "reports/external/tables/made-up/transfer.csv"
    assert fault[2:] == ("dice", "dise")


def test_without_such_results_there_is_nothing_to_check(made_up):
    assert external_checks(made_up) == []


@pytest.fixture
def predicted(external):
    """Predictions and record of one network of acsnet, as its scores have them."""
    folder = external / "reports" / "external"
    scores = pd.read_csv(folder / "cases" / "made-up" / "acsnet" / "breast.csv")
    own = scores[(scores["seed"] == 0) & (scores["fold"] == 1)]
    table = folder / "predictions" / "made-up" / "acsnet" / "breast" / "seed0-fold1.parquet"
    table.parent.mkdir(parents=True)
    own[["seed", "fold", "case", "epoch", "probability"]].to_parquet(table, index=False)
    record = folder / "records" / "made-up" / "acsnet" / "breast.json"
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"networks": [{"seed": 0, "fold": 1, "epoch": 2, "cases": 30}]}))
    return external, table


def test_predictions_scores_and_record_agree(predicted):
    root, table = predicted
    assert check_external_agreement("made-up", root) == ("1 networks", [])
    name = "reports/external/predictions/made-up/acsnet/breast/seed0-fold1.parquet"
    right = pd.read_parquet(table)
    right.assign(probability=right["probability"].where(right.index != right.index[4], 0.123)).to_parquet(table)
    assert check_external_agreement("made-up", root)[1] == [
        Fault(name, f"probability of {right['case'].iloc[4]}", "as scored", "another")
    ]
    right.iloc[1:].to_parquet(table)
    assert check_external_agreement("made-up", root)[1][0] == Fault(name, "cases", "30", "29")
    table.unlink()
    (fault,) = check_external_agreement("made-up", root)[1]
    assert fault == Fault("reports/external/records/made-up/acsnet/breast.json", "its networks", "", "seed0-fold1")
