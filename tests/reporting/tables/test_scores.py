import pandas as pd

from benchmarks.reporting.results import read_results
from benchmarks.reporting.tables.scores import main_table, score_table


def test_order_of_the_rows_on_file_does_not_matter(made_up):
    before = score_table(read_results("made-up", made_up))
    for path in (made_up / "reports/cases/made-up").iterdir():
        pd.read_csv(path).sample(frac=1, random_state=1).to_csv(path, index=False)
    results = read_results("made-up", made_up)
    pd.testing.assert_frame_equal(score_table(results), before)
    assert main_table(before, "last_epoch", "standard", results.models)["model"].tolist() == results.models
