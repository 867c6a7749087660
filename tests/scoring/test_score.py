"""The score command: what it writes, what it leaves alone, what it refuses."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from benchmarks.errors import UserError
from benchmarks.scoring import score
from benchmarks.scoring.score import score_benchmark


def outputs(root) -> dict[str, bytes]:
    """All files that the command wrote."""
    files = [path for kind in ("truth", "cases", "forensics") for path in (root / "reports" / kind).rglob("*")]
    return {str(path.relative_to(root)): path.read_bytes() for path in files if path.is_file()}


def test_files(root, store, predictions):
    store(predictions)
    assert score_benchmark("made", root) == {"scored": ["model"], "unchanged": [], "removed": []}
    assert set(outputs(root)) == {
        "reports/truth/made.parquet",
        "reports/cases/made/model.csv",
        "reports/cases/made/digests.json",
        "reports/forensics/made/model.csv",
    }
    cases = pd.read_csv(root / "reports/cases/made/model.csv")
    assert len(cases) == len(predictions)
    assert cases["dice"].notna().all()
    assert pd.read_parquet(root / "reports/truth/made.parquet")["case"].tolist() == cases["case"][:8].tolist()


def test_numbers_have_six_significant_digits(root, store, predictions):
    store(predictions.assign(probability=np.linspace(0, 1, 32) / 3))
    score_benchmark("made", root)
    text = (root / "reports/cases/made/model.csv").read_text()
    first = text.splitlines()[2].split(",")
    assert first[0] == "case (2)"
    assert first[8] == "0.0107527"  # 1 / 93
    digits = [cell.replace(".", "").lstrip("0") for line in text.splitlines()[1:] for cell in line.split(",")[8:]]
    assert max(map(len, digits)) == 6
    assert "\r" not in text


def test_what_has_not_changed_is_left_alone(root, store, predictions):
    store(predictions, "one")
    store(predictions, "two")
    score_benchmark("made", root)
    before = outputs(root)
    assert score_benchmark("made", root) == {"scored": [], "unchanged": ["one", "two"], "removed": []}
    store(predictions.assign(probability=0.25), "two")
    assert score_benchmark("made", root)["scored"] == ["two"]
    after = outputs(root)
    assert {path for path in before if before[path] != after[path]} == {
        "reports/cases/made/two.csv",
        "reports/cases/made/digests.json",
        "reports/forensics/made/two.csv",
    }


@pytest.mark.parametrize("kind", ["cases", "forensics"])
def test_an_edited_or_lost_file_is_made_anew(root, store, predictions, kind):
    store(predictions)
    score_benchmark("made", root)
    before = outputs(root)
    path = root / "reports" / kind / "made" / "model.csv"
    path.write_text(path.read_text().replace("0.", "0.9", 1))
    assert score_benchmark("made", root)["scored"] == ["model"]
    path.unlink()
    assert score_benchmark("made", root)["scored"] == ["model"]
    assert outputs(root) == before


def test_changed_truth_scores_all_anew(root, store, predictions):
    store(predictions)
    score_benchmark("made", root)
    path = root / "prepared/benchmarks/made/cases.parquet"
    pd.read_parquet(path).assign(group="one patient").to_parquet(path)
    assert score_benchmark("made", root)["scored"] == ["model"]
    assert set(pd.read_csv(root / "reports/cases/made/model.csv")["group"]) == {"one patient"}


def test_changed_code_scores_all_anew(root, store, predictions, monkeypatch):
    store(predictions)
    score_benchmark("made", root)
    monkeypatch.setattr(score, "code_of", lambda module: {module: "another definition"})
    assert score_benchmark("made", root)["scored"] == ["model"]


def test_a_damaged_list_of_digests_scores_all_anew(root, store, predictions):
    store(predictions)
    score_benchmark("made", root)
    before = outputs(root)
    (root / "reports/cases/made/digests.json").write_text("{")
    assert score_benchmark("made", root)["scored"] == ["model"]
    assert outputs(root) == before


def test_a_model_whose_predictions_are_gone_is_removed(root, store, predictions):
    store(predictions, "stays")
    path = store(predictions, "goes")
    score_benchmark("made", root)
    path.unlink()
    assert score_benchmark("made", root)["removed"] == ["goes"]
    assert not [path for path in outputs(root) if "goes" in path]
    assert list(json.loads((root / "reports/cases/made/digests.json").read_text())) == ["stays"]


def test_two_processes_give_the_same_files(root, store, predictions, tmp_path):
    store(predictions)
    score_benchmark("made", root)
    alone = outputs(root)
    score_benchmark("made", root, output=tmp_path / "again" / "reports", workers=2)
    assert outputs(tmp_path / "again") == alone
    assert outputs(root) == alone


def test_bad_predictions_do_not_keep_others_from_their_scores(root, store, predictions):
    store(predictions, "good")
    store(predictions[1:].assign(probability=2.0), "bad")
    store(predictions.drop(columns="mask"), "external_worse")
    with pytest.raises(UserError) as caught:
        score_benchmark("made", root)
    message = str(caught.value)
    assert "bad.parquet: these predictions cannot be scored. Train bad on made again." in message
    assert "1 of 8 cases missing" in message
    assert "31 rows whose probability" in message
    assert "external_worse.parquet: expected the columns" in message
    assert "reports/cases/made/good.csv" in outputs(root)
    assert "reports/cases/made/bad.csv" not in outputs(root)


def test_nothing_to_score(root):
    with pytest.raises(UserError, match=r"predictions/made: no predictions .*acsbench submit made"):
        score_benchmark("made", root)


def test_not_prepared(root):
    with pytest.raises(UserError, match=r"other/cases.parquet: not found.*acsbench split other"):
        score_benchmark("other", root)


def test_scoring_needs_no_torch():
    program = "import sys, benchmarks.scoring.score, benchmarks.scoring.submit; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("name", ["made.parquet", "one.csv", "digests.json"])
def test_a_full_disk_or_a_kill_costs_one_model_and_leaves_the_rest(root, store, predictions, monkeypatch, name):
    store(predictions, "one")
    store(predictions, "two")
    replace = os.replace

    def full(partial, path):
        if path.name == name:
            raise OSError(28, "No space left on device")
        replace(partial, path)

    with monkeypatch.context() as failing:
        failing.setattr(os, "replace", full)
        with pytest.raises(UserError, match=rf"{name}: cannot be written: .*No space left.* goes on from what"):
            score_benchmark("made", root)
    assert not list(root.rglob("*.partial"))
    assert not [path for path in outputs(root) if path.endswith(name)]
    assert score_benchmark("made", root)["scored"] == ["one", "two"]


def test_a_clock_set_back_changes_nothing(root, store, predictions):
    """What is scored anew is told by contents, not by times."""
    store(predictions)
    score_benchmark("made", root)
    os.utime(root / "reports/predictions/made/model.parquet", (4e9, 4e9))
    assert score_benchmark("made", root)["unchanged"] == ["model"]
    store(predictions.assign(probability=0.25))
    os.utime(root / "reports/predictions/made/model.parquet", (0, 0))
    assert score_benchmark("made", root)["scored"] == ["model"]


def test_two_processes_may_score_one_benchmark(root, store, predictions, monkeypatch):
    """The second begins and ends while the first writes: both write whole files, the same ones."""
    store(predictions)
    begun, replace = [], os.replace

    def interleaved(partial, path):
        if path.name == "model.csv" and not begun:
            begun.append(path)
            with monkeypatch.context() as second:
                second.setattr(os, "getpid", lambda: 1)
                score_benchmark("made", root, progress=False)
        replace(partial, path)

    monkeypatch.setattr(os, "replace", interleaved)
    score_benchmark("made", root, progress=False)
    first = outputs(root)
    assert not list(root.rglob("*.partial"))
    assert score_benchmark("made", root)["unchanged"] == ["model"]
    assert outputs(root) == first
