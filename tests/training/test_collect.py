"""Entering runs of another machine: everything is checked first, nothing is lost, the source is only read."""

import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
import torch

from benchmarks.errors import UserError
from benchmarks.training import data
from benchmarks.training.collect import bring_in, collect
from benchmarks.training.run import held_run, run_fingerprint, train_run
from benchmarks.training.train import choose_runs

TABLE = Path("reports/predictions/tiny/toy.parquet")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def cell(make_cell):
    """A cell whose two runs are finished here, and in the folder `brought`."""
    cell = make_cell(epochs=1)
    cases = data.load("tiny", cell.benchmark, torch.device("cpu"))
    for seed, fold in choose_runs(cell, None, None):
        train_run(cell, cases, seed, fold, run_fingerprint(cell))
    shutil.copytree("runs/tiny", "brought/tiny")
    return cell


def test_runs_of_another_machine_are_entered(cell):
    collect(cell, run_fingerprint(cell))
    expected = pd.read_parquet(TABLE)
    shutil.rmtree("runs")
    shutil.rmtree("reports")
    assert bring_in(cell, Path("brought"), run_fingerprint(cell)) == ["seed0-fold0", "seed0-fold1"]
    collect(cell, run_fingerprint(cell))
    pd.testing.assert_frame_equal(pd.read_parquet(TABLE), expected)
    with pytest.raises(UserError, match="found none"):
        bring_in(cell, Path("nowhere"), run_fingerprint(cell))
    with pytest.raises(UserError, match=r"missing or of another version: seed 0 fold 0, seed 0 fold 1"):
        collect(cell, "another version")


def test_from_the_folder_where_they_are_nothing_happens(cell):
    before = contents(Path("runs"))
    assert bring_in(cell, Path("runs"), run_fingerprint(cell)) == []
    Path("link").symlink_to("runs", target_is_directory=True)
    assert bring_in(cell, Path("link"), run_fingerprint(cell)) == []
    assert contents(Path("runs")) == before


def edit_record(folder: Path, **changes) -> None:
    record = json.loads((folder / "record.json").read_text())
    (folder / "record.json").write_text(json.dumps(record | changes, indent=1))


SPOILED = {
    "another fingerprint": (
        lambda run: edit_record(run, fingerprint="other"),
        r"trained by other code, .* Nothing",
    ),
    "no predictions": (
        lambda run: (run / "predictions-last_epoch.parquet").unlink(),
        r"not a whole run \(FileNot",
    ),
    "cut predictions": (lambda run: os.truncate(run / "predictions-last_epoch.parquet", 500), r"not a whole run"),
    "no weights": (
        lambda run: (run / "weights.pt").unlink(),
        r"its record, curves, .* do not fit",
    ),
    "short curves": (lambda run: edit_record(run, epochs=3), r"its record, curves, .* do not fit"),
    "half a record": (lambda run: os.truncate(run / "record.json", 60), r"not a whole run \(JSONDecodeError"),
    "another seed": (lambda run: edit_record(run, seed=5), r"do not fit"),
    "another fold": (
        lambda run: run.rename(run.with_name("seed0-fold7")),
        r"not a run of tiny/toy, which has",
    ),
}


@pytest.mark.parametrize("spoil", SPOILED)
def test_what_does_not_belong_is_refused_before_anything_is_replaced(cell, spoil):
    """The first of both is whole: it must not be entered either."""
    edit, message = SPOILED[spoil]
    edit(Path("brought/tiny/toy/seed0-fold1"))
    here, there = contents(Path("runs")), contents(Path("brought"))
    with pytest.raises(UserError, match=message):
        bring_in(cell, Path("brought"), run_fingerprint(cell))
    assert (contents(Path("runs")), contents(Path("brought"))) == (here, there)


def test_a_copy_that_fails_leaves_what_was_there(cell, monkeypatch):
    here, there = contents(Path("runs")), contents(Path("brought"))

    def full(source, target, **options):
        Path(target).mkdir()
        (Path(target) / "half").write_text("")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(UserError, match=r"seed0-fold0: cannot be written: .*No space left.* untouched"):
        bring_in(cell, Path("brought"), run_fingerprint(cell))
    runs = {name: content for name, content in contents(Path("runs")).items() if not name.startswith(".locks/")}
    assert runs == {name: content for name, content in here.items() if not name.startswith(".locks/")}
    assert contents(Path("brought")) == there


def test_a_run_at_work_is_not_replaced(cell):
    with held_run(cell, 0, 0), pytest.raises(UserError, match=r"seed 0, fold 0: process \d+ on .* is at work on it"):
        bring_in(cell, Path("brought"), run_fingerprint(cell))


def test_a_damaged_run_is_named_when_it_is_collected(cell):
    collect(cell, run_fingerprint(cell))
    before = TABLE.read_bytes()
    os.truncate("runs/tiny/toy/seed0-fold1/predictions-inner_validation.parquet", 400)
    with pytest.raises(UserError, match=r"seed0-fold1: not a whole run .* --seeds 0 --folds 1 --anew"):
        collect(cell, run_fingerprint(cell))
    assert TABLE.read_bytes() == before
