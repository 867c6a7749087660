"""A bundle's runs are those that would have been trained here, bit for bit; nothing finished is lost."""

import json
import shutil
import signal
import time
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import torch

from benchmarks.bundle.absorb import absorb
from benchmarks.training import data
from benchmarks.training.run import run_fingerprint, train_run

RULES = ("inner_validation", "last_epoch", "test_oracle")
EPOCHS = 20


def predictions(folder: Path) -> dict[str, pd.DataFrame]:
    return {rule: pd.read_parquet(folder / f"predictions-{rule}.parquet") for rule in RULES}


def directly_trained(home, model: str) -> dict[str, pd.DataFrame]:
    """What a model's first fold predicts when it is trained here; its folder is taken away."""
    cell = home.cell(model)
    cases = data.load("tiny", cell.benchmark, torch.device("cpu"))
    train_run(cell, cases, 0, 0, run_fingerprint(cell))
    found = predictions(cell.run_folder(0, 0))
    shutil.rmtree(cell.folder)
    return found


def the_same(model: str, expected: dict[str, pd.DataFrame]) -> bool:
    found = predictions(Path(f"runs/tiny/{model}/seed0-fold0"))
    for rule in RULES:
        pd.testing.assert_frame_equal(found[rule], expected[rule], check_exact=True)
    return True


def contents(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def states(archive: Path) -> list[tuple[str, int, str, int]]:
    manifest = json.loads(contents(archive)["manifest.json"])
    return [(run["model"], run["fold"], run["state"], run["epochs"]) for run in manifest["runs"]]


def test_the_same_predictions_as_a_direct_run(home, borrow):
    expected = {model: directly_trained(home, model) for model in ("toy", "second")}
    machine = borrow(home.bundle(folds=[0]))
    machine.run()
    assert states(machine.results) == [("second", 0, "whole", EPOCHS), ("toy", 0, "whole", EPOCHS)]
    report = json.loads(contents(machine.results)["device.json"])
    errors = [row["output"] for row in report["operators"] if row["operator"] != "mmcv"]
    assert len(errors) == 8
    assert max(errors) < 1e-5  # float32's
    assert report["cells"]["tiny/toy"]["operations_per_step"] > 0
    assert len(absorb(home.parameters, machine.results).entered) == 2
    assert the_same("toy", expected["toy"])
    assert the_same("second", expected["second"])
    record = json.loads(Path("runs/tiny/toy/seed0-fold0/record.json").read_text())
    assert record["git_commit"] == json.loads(contents(home.root / "bundle.zip")["manifest.json"])["git_commit"]


def wait_for_an_epoch(process, state: Path) -> None:
    ends = time.monotonic() + 90
    while not state.is_file() and time.monotonic() < ends:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)


def test_what_was_stopped_goes_on_in_the_next_bundle(home, borrow):
    expected = directly_trained(home, "toy")
    first = borrow(home.bundle(cells=["tiny/toy"], benchmarks=[], folds=[0]))
    process = first.start("--skip-check")
    wait_for_an_epoch(process, first.folder / "runs/tiny/toy/seed0-fold0/state.pt")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    ((*_, state, told),) = states(first.results)
    assert state == "resumable"
    found = absorb(home.parameters, first.results)
    epochs = int(found.kept[0].split()[-2])
    assert 0 < epochs < EPOCHS
    assert told in (epochs - 1, epochs)  # the signal may come between an epoch's state and its word to the queue
    assert (found.entered, found.kept) == ([], [f"tiny/toy seed 0 fold 0, {epochs} epochs"])
    bundle = home.bundle("second.zip", cells=["tiny/toy"], benchmarks=[], folds=[0])
    assert "runs/tiny/toy/seed0-fold0/state.pt" in contents(bundle)
    second = borrow(bundle)
    assert f"{EPOCHS - epochs}/{EPOCHS - epochs}" in second.run("--skip-check")
    absorb(home.parameters, second.results)
    assert the_same("toy", expected)
    assert absorb(home.parameters, first.results).known == [f"tiny/toy seed 0 fold 0, {epochs} epochs"]


def test_a_killed_bundle_leaves_what_was_whole(home, borrow):
    machine = borrow(home.bundle(cells=["tiny/toy"], benchmarks=[]))
    process = machine.start("--skip-check", "--at-once", "1")
    wait_for_an_epoch(process, machine.folder / "runs/tiny/toy/seed0-fold1/state.pt")
    process.kill()
    process.communicate(timeout=60)
    assert absorb(home.parameters, machine.results).entered == ["tiny/toy seed 0 fold 0"]
    machine.run("--skip-check")  # the same folder goes on
    assert absorb(home.parameters, machine.results).entered == ["tiny/toy seed 0 fold 1"]
    assert set(pd.read_parquet("reports/predictions/tiny/toy.parquet")["fold"]) == {0, 1}


def test_with_too_few_minutes_nothing_is_begun(home, borrow):
    machine = borrow(home.bundle(cells=["tiny/toy"], benchmarks=[]))
    machine.run("--minutes", "0.01")
    assert [state[2:] for state in states(machine.results)] == [("waiting", 0)] * 2
    assert not (machine.folder / "runs" / "tiny").exists()
    assert absorb(home.parameters, machine.results).entered == []


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "params.json").write_text("{}"), "params.json has changed since"),
        (lambda folder: (folder / "acsnet" / "network.py").unlink(missing_ok=True), None),
        (lambda folder: (folder / "prepared/benchmarks/tiny/folds.csv").unlink(), "folds.csv is missing since"),
    ],
)
def test_a_bundle_that_was_changed_does_not_start(home, borrow, spoil, message):
    machine = borrow(home.bundle(cells=["tiny/toy"], benchmarks=[]))
    spoil(machine.folder)
    said = machine.run("--minutes", "0.01", status=1)
    assert (message or "is missing since") in said
    assert not machine.results.exists()
