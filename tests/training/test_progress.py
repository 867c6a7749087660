"""The estimate of the time left, and what the bar says."""

import io
from contextlib import redirect_stderr

import pytest
import torch

from benchmarks.training.progress import TimeLeft
from benchmarks.training.train import EpochsBar


def row(fold: int, seconds: float, dice: float = 0.5) -> dict:
    return {"seed": 0, "fold": fold, "seconds": seconds, "train_loss": 1.0, "test_dice": dice, "test_accuracy": 0.75}


def test_the_first_epoch_of_each_run_and_a_busy_minute_do_not_count():
    left = TimeLeft(epochs=20, per_epoch=30)
    assert left.text() == "about 10 min (estimate)"  # of the trial's steps
    left.count(row(0, seconds=400))
    assert left.epochs * left.per_epoch == 19 * 30
    for seconds in (10, 10, 80, 10):
        left.count(row(0, seconds))
    left.count(row(1, seconds=400))
    assert left.text() == "about 2 min (estimate)"  # 14 epochs of 10 seconds


@pytest.mark.parametrize(("epochs", "text"), [(3, "30 s"), (60, "10 min"), (720, "2.0 h")])
def test_times_in_their_units(epochs, text):
    assert TimeLeft(epochs, per_epoch=10).text() == f"about {text} (estimate)"
    assert TimeLeft(2 * epochs, per_epoch=10, at_once=2).text() == f"about {text} (estimate)"


def test_the_bar_says_what_the_network_has_and_names_its_estimate(make_cell):
    said = io.StringIO()
    with redirect_stderr(said), EpochsBar(make_cell(epochs=2), [(0, 0)], "none", per_epoch=100) as bar:
        bar.show(row(0, seconds=100, dice=float("nan")))
        bar.bar.refresh()
    last = said.getvalue().split("\r")[-2 if said.getvalue().endswith("\n") else -1]
    assert "nan" not in said.getvalue()
    assert "dice" not in said.getvalue()
    assert "1/2 epochs" in last
    assert "left=about 2 min (estimate)" in last
    assert "accuracy=0.750" in last


def test_the_bar_of_a_resumed_run_begins_where_the_run_stands(make_cell, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cell = make_cell(epochs=30)
    folder = cell.run_folder(0, 0)
    folder.mkdir(parents=True)
    torch.save({"fingerprint": "this", "progress": {"rows": [{}] * 19}}, folder / "state.pt")
    said = io.StringIO()
    with redirect_stderr(said), EpochsBar(cell, [(0, 0), (0, 1)], "this", per_epoch=100):
        pass
    assert "19/60 epochs" in said.getvalue()
    assert "left=about 68 min (estimate)" in said.getvalue()  # 41 epochs of 100 seconds
    with redirect_stderr(said), EpochsBar(cell, [(0, 0), (0, 1)], "other", per_epoch=100):
        pass
    assert "0/60 epochs" in said.getvalue()
