"""Turns alternate; medians, spread and shares of made-up readings."""

import math

import pytest

from benchmarks.measuring.speed.turns import Job, Reading, Sides, take_turns


def test_alternating():
    called, ours, theirs = [], iter([1.0, 4.0, 2.0]), iter([30.0, 10.0, 20.0])

    def run(name, readings):
        called.append(name)
        return Reading(next(readings), 0.5)

    sides = Sides({"job": lambda: run("ours", ours)}, lambda: run("theirs", theirs), 60.0, {"job": lambda: 100.0})
    rows = list(take_turns(Job("job", lambda: sides, 3)))
    assert called == ["ours", "theirs"] * 3
    assert len(rows) == 3
    (last,) = rows[-1]
    assert last["seconds"] == 2
    assert last["conventional_seconds"] == 20
    assert last["ratio"] == 10
    assert last["share_of_ceiling"] == pytest.approx(60 / 2 / 100)
    assert (last["minimum"], last["maximum"]) == (1, 4)
    assert (last["conventional_minimum"], last["conventional_maximum"]) == (10, 30)
    assert (last["memory"], last["repetitions"]) == (0.5, 3)


def test_without_a_counterpart():
    ((row,),) = take_turns(Job("job", lambda: Sides({"job": lambda: Reading(3.0)}), 1))
    assert row["seconds"] == 3
    assert all(math.isnan(row[name]) for name in ("ratio", "conventional_seconds", "share_of_ceiling", "memory"))
