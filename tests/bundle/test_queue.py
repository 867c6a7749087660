"""A team of processes works through a list: several side by side, in part where time is short, again where one dies."""

import dataclasses
import json
import time

import pytest

from benchmarks.bundle import queue
from benchmarks.bundle.process import Work
from benchmarks.bundle.queue import Queue
from benchmarks.bundle.results import Outcome
from benchmarks.bundle.runs import Run
from benchmarks.bundle.team import Team
from benchmarks.training.run import epochs_of_state, run_fingerprint

RUNS = [Run("tiny", "toy", 0, 0), Run("tiny", "toy", 0, 1)]


@pytest.fixture
def make_queue(home):
    """A function that gives the queue of two runs; its team is ended after the test."""
    (home.root / "params.json").write_text(json.dumps(dataclasses.asdict(home.parameters)))
    team = Team(home.root / "params.json", "cpu", "commit")
    cells = {"tiny/toy": {"fingerprint": run_fingerprint(home.cell()), "packages": [], "test_on": []}}
    outcomes, report = [Outcome(run) for run in RUNS], {"cells": {}}
    yield Queue(home.parameters, cells, outcomes, team, report, time.monotonic() + 200, lambda states: 1e9, check=False)
    team.end()


def test_two_processes_are_tried_side_by_side_and_train(make_queue, monkeypatch):
    monkeypatch.setattr(queue, "WORTH_A_TRIAL", 0)
    monkeypatch.setattr(queue, "TRIAL", 0.1)
    monkeypatch.setattr(queue, "best_number", lambda rates: rates[-1][0])  # whatever this machine gains
    make_queue.run(most=2, at_once=None)
    assert [(outcome.state, outcome.epochs) for outcome in make_queue.outcomes] == [("whole", 20)] * 2
    told = make_queue.report["processes"]
    assert told["number"] == 2
    assert set(told["steps_per_second"]) == {1, 2}
    assert min(told["steps_per_second"].values()) > 0


def test_a_process_that_dies_is_replaced_and_its_run_tried_again(make_queue, monkeypatch):
    killed = []
    monkeypatch.setattr(make_queue, "epochs_left", lambda run: 10**6)  # never to be finished, as it seems

    def note(member, row, epoch=make_queue.note_epoch):
        epoch(member, row)
        if not killed:
            killed.append(member.task[1])
            member.process.kill()

    monkeypatch.setattr(make_queue, "note_epoch", note)
    make_queue.run(most=1, at_once=1)
    assert killed == RUNS[:1]
    assert [outcome.state for outcome in make_queue.outcomes] == ["whole"] * 2
    assert make_queue.attempts == {RUNS[0]: 2, RUNS[1]: 1}
    assert list(make_queue.promised) == RUNS  # both were begun for their states


class Pipe:
    def send(self, answer):
        assert answer[0] == "epoch"


def test_a_run_stops_after_the_epoch_with_which_its_time_ends(home):
    (home.root / "params.json").write_text(json.dumps(dataclasses.asdict(home.parameters)))
    work = Work(Pipe(), home.root / "params.json", "cpu")
    assert work.train(RUNS[0], time.monotonic(), []) is False
    fingerprint = run_fingerprint(home.cell())
    assert epochs_of_state(RUNS[0].folder, fingerprint) == 1
    assert work.train(RUNS[0], time.monotonic() + 1000, []) is True
    assert epochs_of_state(RUNS[0].folder, fingerprint) == 0
    assert (RUNS[0].folder / "record.json").is_file()
