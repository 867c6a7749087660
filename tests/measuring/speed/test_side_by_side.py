"""Runs at once: one step's seconds are the slowest run's, shared out among all."""

import threading

import torch

from benchmarks.configuration import read_parameters
from benchmarks.measuring.speed import side_by_side
from benchmarks.measuring.speed.steps import Settings


class Pool:
    """Runs of which each takes a second longer than the one before."""

    def map(self, function, steps):
        return (1.0 + number for number, _ in enumerate(steps))


def test_the_slowest_run_counts_once_for_all():
    runs = object.__new__(side_by_side.RunsAtOnce)
    runs.count, runs.pool = 4, Pool()
    assert runs.seconds_per_step(3) == 1.0


def test_a_process_waits_for_the_others_before_it_takes_steps(folder):
    """Here they are two threads: the second comes half a second later, and the first does not begin without it."""
    parameters = read_parameters("params.yaml")
    settings = Settings(parameters, folder, torch.device("cpu"), ["float32"], 1, 1, 1, batch_size=2)
    meeting = threading.Barrier(2)
    side_by_side.prepare_run(settings, "resnet18", 32, "float32", meeting)
    assert torch.get_num_threads() == 1
    waited = []
    other = threading.Timer(0.5, lambda: waited.append(meeting.wait()))
    other.start()
    assert 0 < side_by_side.steps_of_run(1) < 60
    other.join()
    assert len(waited) == 1
