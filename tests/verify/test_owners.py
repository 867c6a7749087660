from pathlib import Path

from benchmarks.verify.owners import OWNERS, check_owners, owners_of
from benchmarks.verify.tracked import RESULTS, git_files, results_among, tracked_files

ROOT = Path(__file__).parents[2]


def test_every_committed_result_has_a_check_that_answers_for_it():
    """All of `git ls-files reports benchmarks/folds docs README.md`; and no pattern is left over."""
    files = git_files(ROOT, *RESULTS) or results_among(tracked_files(ROOT))
    assert len(files) > 700
    assert [file for file in files if not owners_of(file)] == []
    assert {owner for owners in OWNERS.values() for owner in owners} <= {
        path.stem for path in (ROOT / "benchmarks/verify").glob("*.py")
    }


def test_a_result_without_a_check_is_a_fault(tmp_path):
    for file in ("reports/tables/made/main.csv", "reports/more.csv", "docs/drawing.svg", "benchmarks/folds/a.csv"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert [fault.file for fault in check_owners(tmp_path)[1]] == ["docs/drawing.svg", "reports/more.csv"]
