"""The head's order and its attempts, with a place that trains in this process as soon as it is asked."""

from pathlib import Path

from benchmarks.launch.head import Head
from benchmarks.launch.plan import plan
from benchmarks.launch.runs import train_in
from benchmarks.training.run import held_run


class Done:
    def __init__(self, fault: str | None = None):
        self.message = fault

    def ended(self) -> bool:
        return True

    def fault(self) -> str | None:
        return self.message


class AtOnce:
    """Takes any number of runs; `faults` are the messages of the first jobs, which do nothing."""

    def __init__(self, *faults: str):
        self.faults, self.started = list(faults), []

    def room(self) -> int:
        return 100

    def start(self, runs) -> list[Done]:
        self.started.append([run.key[1] for run in runs])
        return [self.one(run) for run in runs]

    def one(self, run) -> Done:
        if self.faults:
            return Done(self.faults.pop(0))
        train_in(Path.cwd(), run)
        return Done()

    def epochs(self, run) -> int:
        return 0

    def close(self) -> None:
        self.started.append(["closed"])


def test_where_all_has_room_sources_are_still_trained_first(parameters):
    place = AtOnce()
    assert Head(plan(parameters, ["tiny"], ["joint"], None, None), place, attempts=1).run(interval=0) == {}
    assert place.started == [["outlines"] * 2 + ["classes"] * 2, ["joint"] * 2, ["closed"]]


def test_a_run_is_tried_as_often_as_was_asked(parameters):
    told = []
    place = AtOnce("the first", "the second")
    found = Head(plan(parameters, ["tiny"], ["toy"], [0], None), place, attempts=2, say=told.append).run(interval=0)
    assert found == {"tiny/toy, seed 0, fold 0": "the second"}
    assert place.started == [["toy"], ["toy"], ["closed"]]
    assert told[0] == "tiny/toy, seed 0, fold 0: attempt 1 of 2 failed: the first"


def test_a_worker_that_says_all_is_well_is_not_believed(parameters):
    place = AtOnce("")
    found = Head(plan(parameters, ["tiny"], ["toy"], [0], None), place, 1, lambda line: None).run(interval=0)
    assert "ended without a finished run" in found["tiny/toy, seed 0, fold 0"]


def test_a_run_that_another_process_is_at_work_on_is_waited_for(parameters):
    (planned,) = plan(parameters, ["tiny"], ["toy"], [0], None)
    told, head = [], Head([planned], AtOnce(), 1, lambda line: told.append(line))
    with held_run(planned.run.cell, 0, 0):
        head.start_ready()
        head.start_ready()
    assert told == ["tiny/toy, seed 0, fold 0: another process is at work on it; waiting for its end"]
    assert not head.active
    head.start_ready()
    assert list(head.active) == [planned.run.key]
