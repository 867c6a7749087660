"""What may happen to a training from outside: a kill, a full disk, damaged files, two processes, a clock set back."""

import os
import pickle
import shutil
import time
from functools import partial

import pandas as pd
import pytest
import torch

from benchmarks.errors import UserError
from benchmarks.training import data, files, run, trainer
from benchmarks.training.run import held_run, is_finished, remove_run, train_run

RULE = "predictions-inner_validation.parquet"


class Killed(BaseException):
    pass


def load(cell):
    return data.load("tiny", cell.benchmark, torch.device("cpu"))


def stopped_after(epoch: int):
    def stop(row):
        if row["epoch"] == epoch:
            raise Killed

    return stop


@pytest.fixture
def interrupted(make_cell):
    """A run of three epochs that was stopped after the second, its uninterrupted predictions, and what the rest saw."""
    cell, seen = make_cell(epochs=3), []
    cases = load(cell)
    train_run(cell, cases, 0, 0, "print")
    whole = pd.read_parquet(cell.run_folder(0, 0) / RULE)
    remove_run(cell, 0, 0)
    with pytest.raises(Killed):
        train_run(cell, cases, 0, 0, "print", stopped_after(1))

    def go_on() -> list[int]:
        train_run(cell, cases, 0, 0, "print", lambda row: seen.append(row["epoch"]))
        pd.testing.assert_frame_equal(pd.read_parquet(cell.run_folder(0, 0) / RULE), whole, check_exact=True)
        return seen

    return cell, go_on


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: os.truncate(path, path.stat().st_size // 2),
        lambda path: os.truncate(path, 0),
        lambda path: path.write_bytes(b"not a checkpoint"),
        lambda path: torch.save([1, 2], path),
        lambda path: torch.save({"fingerprint": "print"}, path),
        lambda path: path.write_bytes(pickle.dumps({"fingerprint": "print"})),
    ],
    ids=["half", "empty", "text", "list", "parts missing", "pickle"],
)
def test_an_unreadable_state_is_named_and_the_run_begun_anew(interrupted, capsys, damage):
    cell, go_on = interrupted
    damage(cell.run_folder(0, 0) / "state.pt")
    assert go_on() == [0, 1, 2]
    assert f"{cell.run_folder(0, 0)}/state.pt: not readable" in capsys.readouterr().out


def test_a_state_of_other_code_is_told_and_not_resumed(interrupted, capsys):
    cell, _ = interrupted
    seen = []
    train_run(cell, load(cell), 0, 0, "other code", lambda row: seen.append(row["epoch"]))
    assert seen == [0, 1, 2]
    assert "state.pt: of other code, parameters or data, so this run is begun anew" in capsys.readouterr().out


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), RuntimeError("PytorchStreamWriter failed writing file")]
)
def test_a_full_disk_is_told_and_the_last_state_goes_on(interrupted, monkeypatch, error):
    cell, go_on = interrupted
    before = (cell.run_folder(0, 0) / "state.pt").read_bytes()

    def save(content, path):
        path.write_bytes(b"half")
        raise error

    with monkeypatch.context() as full:
        full.setattr(torch, "save", save)
        with pytest.raises(UserError, match=r"\.pt: cannot be written: .*(No space|failed writing).*goes on from what"):
            train_run(cell, load(cell), 0, 0, "print")
    assert (cell.run_folder(0, 0) / "state.pt").read_bytes() == before
    assert not list(cell.run_folder(0, 0).glob(".*"))
    assert go_on() == [2]


@pytest.mark.parametrize("name", ["state.pt", "weights.pt", RULE, "curves.csv", "record.json"])
def test_a_kill_in_the_middle_of_any_write_costs_an_epoch_at_most(make_cell, monkeypatch, name):
    cell, seen = make_cell(epochs=2), []
    replace = os.replace

    def kill(partial, path):
        if path.name == name:
            raise Killed  # written, and not yet in its place
        replace(partial, path)

    with monkeypatch.context() as killing:
        killing.setattr(os, "replace", kill)
        killing.setattr(files.Path, "unlink", lambda path, **options: None)  # a kill clears nothing away
        with pytest.raises(Killed):
            train_run(cell, load(cell), 0, 0, "print")
    assert list(cell.run_folder(0, 0).glob(".*.partial"))
    assert not is_finished(cell, 0, 0, "print")
    train_run(cell, load(cell), 0, 0, "print", lambda row: seen.append(row["epoch"]))
    assert seen == ([] if name in ("curves.csv", "record.json") else [0, 1])
    assert is_finished(cell, 0, 0, "print")
    assert not list(cell.run_folder(0, 0).glob(".*"))


def test_files_are_on_disk_before_they_are_in_their_place(tmp_path, monkeypatch):
    told = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(
        os, "fsync", lambda handle: (told.append(os.readlink(f"/proc/self/fd/{handle}")), fsync(handle))
    )
    monkeypatch.setattr(os, "replace", lambda a, b: (told.append("moved"), replace(a, b)))
    files.write_tensors(tmp_path / "state.pt", {"a": torch.ones(2)})
    assert told == [str(tmp_path / f".state.pt.{os.getpid()}.partial"), "moved", str(tmp_path)]


def test_two_processes_may_write_one_file(tmp_path, monkeypatch):
    """Each beside it under a name of its own: the last one wins, whole."""

    def second(partial):
        monkeypatch.setattr(os, "getpid", lambda: 1)
        files.write_json(tmp_path / "record.json", ["second"])
        partial.write_text("first")

    files.write(tmp_path / "record.json", second)
    assert (tmp_path / "record.json").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]


def test_a_run_at_work_is_neither_trained_twice_nor_removed(make_cell):
    cell = make_cell(epochs=1)
    with held_run(cell, 0, 0):
        for act in (lambda: train_run(cell, load(cell), 0, 0, "print"), lambda: remove_run(cell, 0, 0)):
            with pytest.raises(UserError, match=r"tiny/toy, seed 0, fold 0: process \d+ on .* is at work on it"):
                act()


def test_a_clock_set_back_changes_nothing(interrupted, monkeypatch):
    cell, go_on = interrupted
    future = time.time() + 10 * 365 * 86400
    for path in cell.run_folder(0, 0).iterdir():
        os.utime(path, (future, future))
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert go_on() == [2]


def test_memory_that_runs_out_while_training_is_told(make_cell, monkeypatch):
    cell = make_cell(epochs=2)

    def exhausted(trainer, epoch):
        raise RuntimeError(
            "[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: you tried to"
        )

    monkeypatch.setattr(run, "run_epoch", exhausted)
    message = r"tiny/toy, seed 0, fold 0: memory ran out on cpu with batches of 8 images of 32 pixels.*last epoch"
    with pytest.raises(UserError, match=message):
        train_run(cell, load(cell), 0, 0, "print")


def test_a_damaged_record_is_no_finished_run(make_cell):
    cell = make_cell(epochs=1)
    train_run(cell, load(cell), 0, 0, "print")
    (cell.run_folder(0, 0) / "record.json").write_bytes(b"\xff\xfe\x00")
    assert not is_finished(cell, 0, 0, "print")
    shutil.rmtree(cell.run_folder(0, 0))
    assert not is_finished(cell, 0, 0, "print")


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ("NanAfterTwoEpochs", r"mask logits are NaN or infinite for \d+ of \d+ cases; class logits are NaN"),
        ("InfiniteMasks", r"mask logits are NaN or infinite for 1 of \d+ cases\. "),
        ("LosesItsHead", r"no segmentation although it has that head"),
        ("LosesItsHeadAtTimes", r"mask logits are missing for some of \d+ cases"),
    ],
)
def test_what_an_evaluation_gives_is_checked(make_cell, monkeypatch, network, message):
    monkeypatch.setattr(trainer, "evaluate", partial(trainer.evaluate, batch_size=2))  # several batches
    cell = make_cell(network=network, epochs=3)
    place = r"toy on tiny, seed 0, fold 0, epoch 1: in evaluation mode, on the validation cases: "
    with pytest.raises(UserError, match=place + message) as raised:
        train_run(cell, load(cell), 0, 0, "print")
    assert "earlier epochs are" in str(raised.value)
    assert len(torch.load(cell.run_folder(0, 0) / "state.pt", weights_only=True)["progress"]["rows"]) == 1
