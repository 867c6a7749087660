"""Committed results on other datasets are rebuilt, and a changed one is named."""

from benchmarks.verify.external import external_checks


def checks(root):
    return {(rung, subject): (make, told) for rung, subject, make, told in external_checks(root)}


def test_what_is_as_committed_and_what_is_not(external):
    found = checks(external)
    make, _ = found["a", "made-up, other datasets"]
    outcome, differences = make()
    assert (outcome, differences) == ("6 files rebuilt", [])
    assert found["a", "reports/external/figures"][0]() == ("2 files rebuilt", [])
    assert found["b", "made-up, other datasets"] == (None, ("skipped: no prepared/external/breast-32", []))
    table = external / "reports" / "external" / "tables" / "made-up" / "transfer.csv"
    table.write_text(table.read_text().replace("acsnet,dice", "acsnet,dise", 1))
    assert make()[1] == [
        "reports/external/tables/made-up/transfer.csv: row 2, column metric: committed dise, rebuilt dice"
    ]


def test_without_such_results_there_is_nothing_to_check(made_up):
    assert external_checks(made_up) == []
