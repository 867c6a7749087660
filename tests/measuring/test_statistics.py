"""The made-up benchmark is one whose every table can be made, with two folds and one seed too."""

from benchmarks.measuring import statistics as speed
from benchmarks.reporting.tables.statistics import EVIDENCE


def test_every_table_is_made_and_timed(tmp_path):
    results = speed.made_up(models=2, seeds=1, folds=2, cases=60, groups=40)
    assert len(results.cases) == 2 * 3 * 60
    assert results.cases["group"].nunique() == 40
    speed.write_walk(results, tmp_path)
    table = speed.measure(results, tmp_path)
    assert table["table"].tolist() == ["main tables", *EVIDENCE, "forensics"]
    assert (table["seconds"] >= 0).all()
