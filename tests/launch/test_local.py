"""Runs as processes of this machine: the same predictions as a direct training, whatever happens on the way."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.errors import UserError
from benchmarks.launch.launch import How, launch
from tests.launch.conftest import EPOCHS, table


def here(parameters, models=("toy",), attempts=2, **options):
    launch(parameters, ["tiny"], list(models), None, None, How("local", workers=2, attempts=attempts), **options)


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_a_launch_gives_the_predictions_of_a_direct_training(parameters, directly):
    expected = directly()
    here(parameters)
    same(table("toy"), expected)


def test_a_model_is_launched_after_those_that_it_starts_from(parameters, directly):
    here(parameters, ["joint"])
    found = table("joint")
    started = {
        model: min(run["started"] for run in json.loads(Path(f"reports/records/tiny/{model}.json").read_text())["runs"])
        for model in ("outlines", "classes", "joint")
    }
    assert max(started["outlines"], started["classes"]) <= started["joint"]
    assert sorted(found["case"].unique()) == [f"case{i:02}" for i in range(36)]


def test_a_worker_that_dies_is_followed_by_one_that_resumes(parameters, directly, capsys):
    expected = directly("dies")
    assert not Path("died").exists() or Path("died").unlink() is None
    Path("armed").touch()
    here(parameters, ["dies"])
    assert "attempt 1 of 2 failed: its process ended with exit status 9" in capsys.readouterr().out
    same(table("dies"), expected)


def test_a_head_that_is_killed_is_followed_by_one_that_goes_on(parameters, directly):
    """What the first had finished by then is kept: the curves have each epoch once."""
    expected = directly("slow")
    Path("slow").touch()
    command = [sys.executable, "-m", "benchmarks", "launch", "tiny", "--models", "slow", "--workers", "2"]
    head = subprocess.Popen([*command, "--params", "params.json"], stderr=subprocess.DEVNULL)
    states = [Path(f"runs/tiny/slow/seed0-fold{fold}/state.pt") for fold in (0, 1)]
    deadline = time.monotonic() + 300
    while not any(state.exists() for state in states) and time.monotonic() < deadline:
        time.sleep(0.1)
    head.send_signal(signal.SIGKILL)
    head.wait()
    assert any(state.exists() for state in states)
    Path("slow").unlink()
    here(parameters, ["slow"])
    same(table("slow"), expected)
    curves = pd.read_csv("reports/curves/tiny/slow.csv")
    assert list(curves["epoch"]) == 2 * list(range(EPOCHS))


def test_a_full_disk_is_told_with_the_run_and_the_others_finish(parameters):
    Path("armed").touch()
    with pytest.raises(UserError, match=r"1 of 2 runs failed.*\n  tiny/full, seed 0, fold \d: .*No space left"):
        here(parameters, ["full"], attempts=1)
    assert len(list(Path("runs/tiny/full").glob("*/record.json"))) == 1
    assert not Path("reports").exists()
    here(parameters, ["full"], attempts=1)
    assert len(table("full")["fold"].unique()) == 2


def test_a_result_cut_short_is_refused_and_trained_again(parameters, capsys):
    here(parameters)
    expected = table("toy")
    whole, cut = (Path(f"runs/tiny/toy/seed0-fold{fold}/predictions-last_epoch.parquet") for fold in (0, 1))
    os.truncate(cut, 300)
    before = whole.stat().st_mtime_ns
    Path("reports/records/tiny/toy.json").unlink()
    here(parameters)
    assert "seed0-fold1: not a whole run" in capsys.readouterr().out
    same(table("toy"), expected)
    assert whole.stat().st_mtime_ns == before


def test_what_is_entered_is_not_trained_once_more(parameters, capsys):
    here(parameters)
    before = Path("reports/records/tiny/toy.json").read_bytes()
    Path("runs/tiny").rename("elsewhere")
    here(parameters)
    assert "2 runs: 2 kept, 0 to train" in capsys.readouterr().out
    assert not Path("runs/tiny").exists()
    assert Path("reports/records/tiny/toy.json").read_bytes() == before


def test_a_run_that_fails_takes_those_with_it_that_start_from_it(parameters):
    Path("prepared/benchmarks/tiny/images.npz").write_bytes(b"damaged")
    with pytest.raises(UserError, match=r"6 of 6 runs failed") as failed:
        here(parameters, ["joint"], attempts=1)
    assert str(failed.value).count("damaged or incomplete") == 4
    assert str(failed.value).count("not tried: it starts from outlines, which failed") == 2
