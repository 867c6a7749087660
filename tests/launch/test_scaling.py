"""docs/scaling.md holds what is computed."""

import math

import pytest

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError
from benchmarks.launch.scaling import MARKS, PAGE, computed, runs_of, steps_of_a_run, with_tables


def test_the_page_is_up_to_date(repository, monkeypatch):
    monkeypatch.chdir(repository)
    text = PAGE.read_text(encoding="utf-8")
    assert with_tables(text, computed(read_parameters())) == text, "run acsbench scaling"


def test_runs_and_steps_of_the_full_benchmark(repository, monkeypatch):
    """Thirty networks, five folds, three seeds. Each of 647 cases is tested once, so an average fold of five trains on
    four fifths of them, where there is no validation."""
    monkeypatch.chdir(repository)
    parameters = read_parameters()
    assert runs_of(parameters, "busi") == (30, 30 * 5 * 3)
    released = 90 * (647 * 4 / 5 + 647 / 5 / 3) / 8
    assert math.isclose(steps_of_a_run(parameters, "busi-released"), released)
    assert math.isclose(steps_of_a_run(parameters, "udiat-released"), released * 163 / 647)


def test_a_page_without_marks_is_named():
    assert with_tables(f"a\n{MARKS[0]}old\n{MARKS[1]}b\n", "new\n") == f"a\n{MARKS[0]}new\n{MARKS[1]}b\n"
    with pytest.raises(UserError, match="expected the marks"):
        with_tables("a page", "new")
