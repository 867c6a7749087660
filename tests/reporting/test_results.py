import pandas as pd
import pytest

from benchmarks.errors import UserError
from benchmarks.reporting.results import benchmarks_with_cases, read_results


def test_reads_all_models_with_the_reference_first(made_up):
    results = read_results("made-up", made_up, "acsnet")
    assert results.models == ["acsnet", "resnet", "shared", "unet"]
    assert len(results.cases) == 4 * 3 * 2 * 36
    assert len(results.curves) == 4 * 2 * 3 * 4
    assert set(results.records) == set(results.models)
    assert benchmarks_with_cases(made_up) == ["made-up", "made-up-released"]


def test_an_unknown_benchmark_lists_the_known_ones(made_up):
    with pytest.raises(UserError, match=r"no case scores.*made-up, made-up-released"):
        read_results("busi", made_up, "acsnet")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda table: table.drop(columns="dice"), "missing dice"),
        (lambda table: pd.concat([table, table.tail(1)]), "stands there twice"),
        (lambda table: table.iloc[1:], "1 of 36 cases are missing"),
        (lambda table: table.iloc[:0], "has no rows"),
    ],
)
def test_a_damaged_score_file_is_named(made_up, damage, message):
    path = made_up / "reports/cases/made-up/unet.csv"
    damage(pd.read_csv(path)).to_csv(path, index=False)
    with pytest.raises(UserError, match=message) as error:
        read_results("made-up", made_up, "acsnet")
    assert "unet.csv" in str(error.value)


def test_unreadable_files_are_named(made_up):
    (made_up / "reports/records/made-up/acsnet.json").write_text("{")
    with pytest.raises(UserError, match=r"acsnet\.json: not valid JSON"):
        read_results("made-up", made_up, "acsnet")
    (made_up / "reports/cases/made-up/acsnet.csv").write_bytes(b"")
    with pytest.raises(UserError, match=r"acsnet\.csv: not a readable CSV"):
        read_results("made-up", made_up, "acsnet")
    (made_up / "reports/truth/made-up-released.parquet").write_bytes(b"PAR1")
    with pytest.raises(UserError, match=r"released\.parquet: not a readable Parquet"):
        read_results("made-up-released", made_up, "acsnet")


def test_results_without_curves_records_and_truth_are_still_results(made_up):
    for path in (made_up / "reports").glob("*/made-up/*"):
        if path.parent.parent.name in ("curves", "records"):
            path.unlink()
    (made_up / "reports/truth/made-up.parquet").unlink()
    results = read_results("made-up", made_up, "acsnet")
    assert results.curves.empty
    assert results.records == {}
    assert results.truth.empty
