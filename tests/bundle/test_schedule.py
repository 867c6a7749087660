"""What is started next, by hand-made numbers."""

import pytest

from benchmarks.bundle.runs import Run
from benchmarks.bundle.schedule import MARGIN, Speed, best_number, first_in_part, first_that_fits, numbers_to_try

SLOW, QUICK = Run("b", "slow", 0, 0), Run("b", "quick", 0, 0)
SPEEDS = {
    "b/slow": Speed(epoch=10, start=5, end=5, memory=100, state=1000),
    "b/quick": Speed(epoch=1, start=1, end=0, memory=10, state=10),
}


def chosen(seconds: float, memory: float = 1000, epochs: int = 9) -> Run | None:
    return first_that_fits([SLOW, QUICK], SPEEDS, lambda run: epochs, seconds, memory)


def test_the_first_of_the_list_that_can_be_finished_is_started():
    assert chosen(MARGIN * 100) == SLOW  # 5 + 9 * 10 + 5 seconds
    assert chosen(MARGIN * 100 - 1) == QUICK
    assert chosen(MARGIN * 10) == QUICK  # 1 + 9 * 1
    assert chosen(MARGIN * 10 - 1) is None


def test_what_does_not_fit_into_the_memory_waits():
    assert chosen(1000, memory=99) == QUICK
    assert chosen(1000, memory=9) is None


def test_what_nobody_has_measured_is_not_started():
    assert first_that_fits([SLOW], {}, lambda run: 1, 1000, 1000) is None


def test_a_run_is_begun_in_part_where_its_state_can_be_brought_back():
    assert first_in_part([SLOW, QUICK], SPEEDS, MARGIN * 15, 1000, room=1000) == SLOW  # 5 + 10 seconds
    assert first_in_part([SLOW, QUICK], SPEEDS, MARGIN * 15, 1000, room=999) == QUICK
    assert first_in_part([SLOW, QUICK], SPEEDS, MARGIN * 15 - 1, 1000, room=1000) == QUICK
    assert first_in_part([SLOW, QUICK], SPEEDS, MARGIN, 1000, room=1000) is None


def test_beside_others_all_takes_longer():
    assert SPEEDS["b/slow"].beside_others(2).needed(1) == pytest.approx(2 * SPEEDS["b/slow"].needed(1))


@pytest.mark.parametrize(("most", "numbers"), [(1, []), (2, [2]), (3, [2, 3]), (8, [2, 4, 8]), (10, [2, 4, 8, 10])])
def test_processes_are_doubled(most, numbers):
    assert numbers_to_try(most) == numbers


@pytest.mark.parametrize(
    ("rates", "number"), [([(1, 10.0)], 1), ([(1, 10.0), (2, 10.9)], 1), ([(1, 10.0), (2, 18.0), (4, 19.0)], 2)]
)
def test_more_processes_must_gain_a_tenth(rates, number):
    assert best_number(rates) == number
