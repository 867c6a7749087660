"""What to start next: no run that cannot be finished, unless its state can be brought back. Pure arithmetic."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from benchmarks.bundle.runs import Run

MARGIN = 1.1  # how much longer a run may take than was measured
GAIN = 1.1  # by how much twice the processes must train more in the same time


@dataclass(frozen=True)
class Speed:
    """What a run of a cell takes here, beside the others that run meanwhile."""

    epoch: float  # seconds
    start: float  # seconds from its beginning to its first epoch
    end: float  # seconds after its last epoch, to test on other datasets
    memory: int  # bytes of the device
    state: int  # bytes of an interrupted run's files

    def needed(self, epochs: int) -> float:
        """Seconds for so many epochs and the end of a run, with a margin."""
        return MARGIN * (self.start + epochs * self.epoch + self.end)

    def beside_others(self, slower: float) -> "Speed":
        """With everything taking `slower` times as long."""
        return replace(self, epoch=slower * self.epoch, start=slower * self.start, end=slower * self.end)


def first_that_fits(
    waiting: Iterable[Run], speeds: dict[str, Speed], epochs_left: Callable[[Run], int], seconds: float, memory: float
) -> Run | None:
    """The first run that can be finished in so many seconds, and fits into so many bytes."""
    for run in waiting:
        speed = speeds.get(run.cell)
        if speed and speed.needed(epochs_left(run)) <= seconds and speed.memory <= memory:
            return run
    return None


def first_in_part(
    waiting: Iterable[Run], speeds: dict[str, Speed], seconds: float, memory: float, room: float
) -> Run | None:
    """The first run of which an epoch can be trained in so many seconds, and whose state has room in the archive."""
    for run in waiting:
        speed = speeds.get(run.cell)
        fits = speed and MARGIN * (speed.start + speed.epoch) <= seconds and speed.memory <= memory
        if speed and fits and speed.state <= room:
            return run
    return None


def numbers_to_try(most: int) -> list[int]:
    """How many processes to try side by side: doubled up to as many as there may be."""
    numbers = []
    number = 2
    while number < most:
        numbers.append(number)
        number *= 2
    return [*numbers, most] if most > 1 else []


def best_number(rates: Sequence[tuple[int, float]]) -> int:
    """How many processes to keep, of (number, steps per second of all together): one more only where it gains."""
    best, best_rate = 1, 0.0
    for number, rate in rates:
        if rate >= best_rate * (GAIN if best_rate else 1):
            best, best_rate = number, rate
    return best
