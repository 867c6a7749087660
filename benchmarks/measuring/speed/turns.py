"""Jobs, the ways to do each, and the turns that these take: ours, the conventional one, ours, ..."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import nan
from statistics import median


@dataclass(frozen=True)
class Reading:
    """What one turn took."""

    seconds: float
    memory: float = nan  # GiB at most


@dataclass(frozen=True)
class Sides:
    """The ways to do a job: ours, each by its name in the table, and the conventional one, where there is one."""

    ours: dict[str, Callable[[], Reading]]
    conventional: Callable[[], Reading] | None = None
    operations: float = nan  # of the job
    ceilings: dict[str, Callable[[], float]] = field(default_factory=dict)  # by ours: operations per second


@dataclass(frozen=True)
class Job:
    """What is measured in turn; `start` sets it up when its turn comes, so that one is in memory at a time."""

    name: str
    start: Callable[[], Sides]
    repetitions: int


def take_turns(job: Job) -> Iterator[list[dict]]:
    """After each repetition the rows of the table, so far: `job`, seconds of both sides, their ratio and spread."""
    sides = job.start()
    taken: dict[str, list[Reading]] = {name: [] for name in sides.ours}
    rates: dict[str, list[float]] = {name: [] for name in sides.ceilings}
    conventional: list[Reading] = []
    for _ in range(job.repetitions):
        for name, run in sides.ours.items():
            taken[name].append(run())
            if name in rates:
                rates[name].append(sides.ceilings[name]())
        if sides.conventional is not None:
            conventional.append(sides.conventional())
        yield [row(name, taken[name], conventional, sides.operations, rates.get(name, [])) for name in taken]


def row(name: str, ours: list[Reading], conventional: list[Reading], operations: float, rates: list[float]) -> dict:
    """One row: medians, the least and the most seconds, and the share of what the device reaches in a product."""
    seconds, compared = [r.seconds for r in ours], [r.seconds for r in conventional] or [nan]
    return {
        "job": name,
        "conventional_seconds": median(compared),
        "seconds": median(seconds),
        "ratio": median(compared) / median(seconds),
        "share_of_ceiling": operations / median(seconds) / median(rates) if rates else nan,
        "repetitions": len(ours),
        "conventional_minimum": min(compared),
        "conventional_maximum": max(compared),
        "minimum": min(seconds),
        "maximum": max(seconds),
        "memory": max(r.memory for r in ours),
        "operations": operations,
        "ceiling": median(rates) if rates else nan,
    }
