"""Runs at once: each in a process of its own, and one step's seconds are the slowest run's, shared out."""

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


def test_two_processes_take_steps(folder):
    parameters = read_parameters("params.yaml")
    settings = Settings(parameters, folder, torch.device("cpu"), ["float32"], 1, 1, 1, batch_size=2)
    runs = side_by_side.RunsAtOnce(settings, "resnet18", 32, "float32", 2)
    assert len(runs.pool._processes) == 2
    assert 0 < runs.seconds_per_step(1) < 60
