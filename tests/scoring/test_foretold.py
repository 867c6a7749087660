"""What is said of predictions as they are entered: the numbers of the table, and doubts where they are hardly meant."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks.scoring.foretold import foretell, is_far_better
from benchmarks.scoring.run_length import decode, encode
from benchmarks.scoring.score import score_benchmark
from benchmarks.scoring.submit import submit
from benchmarks.scoring.truth import read_benchmark


@pytest.fixture
def table(predictions) -> pd.DataFrame:
    chosen = predictions.query("selection == 'inner_validation' and seed == 2")
    return chosen[["case", "probability", "mask", "height", "width"]].reset_index(drop=True)


@pytest.fixture
def benchmark(root):
    return read_benchmark("made", root)


def doubts(table: pd.DataFrame, benchmark) -> str:
    return "\n".join(foretell(table.assign(seed=0), benchmark).doubts)


def remade(table: pd.DataFrame, change) -> pd.DataFrame:
    masks = [encode(change(decode(row.mask, row.height, row.width))) for row in table.itertuples()]
    return table.assign(mask=masks)


def test_the_numbers_are_those_of_the_scores(root, table, benchmark, tmp_path, capsys):
    table.to_csv(tmp_path / "table.csv", index=False)
    submit("made", "mine", tmp_path / "table.csv", root=root)
    printed = capsys.readouterr()
    score_benchmark("made", root)
    cases = pd.read_csv(root / "reports/cases/made/external_mine.csv")
    auc = roc_auc_score(cases["label"], cases["probability"])
    expected = f"Dice {cases['dice'].mean():.3f}, 0 of 8 masks empty; AUC {auc:.3f}, 8 distinct probabilities of 8"
    assert expected in printed.out
    assert printed.err == ""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda mask: mask.T, "read row by row"),
        (lambda mask: ~mask, "inverted"),
        (np.fliplr, "mirrored left to right"),
        (np.flipud, "upside down"),
    ],
)
def test_masks_that_would_score_far_better_otherwise(table, benchmark, change, told):
    small = np.zeros((32, 32), bool)
    small[3:9, 20:31] = True  # a lesion that no move leaves where it is
    there = benchmark.masks.copy()
    there[:] = small
    moved = type(benchmark)(benchmark.name, benchmark.cases, there, benchmark.soft_masks)
    masks = table.assign(mask=encode(small))
    assert "score a Dice" not in doubts(masks, moved)
    assert f"1.00 if they are taken as {told}" in doubts(remade(masks, change), moved)


@pytest.mark.parametrize(("gains", "told"), [([0.1, 0.12, 0.08, 0.1], True), ([0.5, -0.3, 0.4, -0.2], False)])
def test_a_gain_is_told_where_it_is_more_than_chance(gains, told):
    """Standard errors by hand: .008 and .204, of means .1 and .1."""
    assert is_far_better(np.array(gains)) is told


def test_run_lengths_row_by_row_at_native_size(table, benchmark):
    truth = benchmark.cases.set_index("case")
    rows = truth.loc[table["case"]].reset_index()
    native = table.assign(height=rows["height"], width=rows["width"], mask=rows["mask"])
    assert doubts(native, benchmark) == ""
    slipped = native.assign(mask=[encode(decode(row.mask, row.height, row.width).T) for row in native.itertuples()])
    assert "1.00 if they are taken as read row by row" in doubts(slipped, benchmark)


def test_probabilities_of_benign_and_classes(table, benchmark):
    labels = benchmark.cases["label"].to_numpy()
    backwards = table.assign(probability=np.where(labels == 1, 0.2, 0.7) + np.arange(8) / 100)
    assert "AUC is 0.000, below one half" in doubts(backwards, benchmark)
    assert "are these classes" in doubts(table.assign(probability=labels), benchmark)
    assert "all probabilities are 0.5" in doubts(table.assign(probability=0.5), benchmark)


def test_a_column_that_is_empty_throughout(root, table, tmp_path, capsys):
    table.assign(probability=np.nan).to_csv(tmp_path / "table.csv", index=False)
    submit("made", "mine", tmp_path / "table.csv", root=root)
    assert (
        "column probability is empty in every row: the network is left out of classification" in capsys.readouterr().err
    )
