"""The checks that this machine can make, rung by rung, side by side, and their verdicts."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from threadpoolctl import threadpool_limits

from benchmarks.configuration import PARAMETERS, read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting.cards.write import CARDS
from benchmarks.reporting.results import benchmarks_with_cases
from benchmarks.verify.agreed import check_agreement
from benchmarks.verify.external import external_checks
from benchmarks.verify.faults import Fault, Outcome, by_file, going_on
from benchmarks.verify.fingerprinted import FILE, check_fingerprints
from benchmarks.verify.folds import check_folds
from benchmarks.verify.hashed import check_hashed
from benchmarks.verify.locked import LOCK, check_lock
from benchmarks.verify.numbers import check_numbers
from benchmarks.verify.owners import check_owners
from benchmarks.verify.scored import check_scores
from benchmarks.verify.shown import check_cards, check_costs, check_page, check_tables, pages, shown_on
from benchmarks.verify.tracked import check_presence
from benchmarks.verify.trained import check_cell


@dataclass(frozen=True)
class Check:
    """One rung for one subject; without `make` nothing is done, and `told` is its outcome."""

    rung: str
    does: str  # in a few words
    subject: str
    make: Callable[[], Outcome] | None = None  # of a module, so that another process can be sent it
    told: Outcome = ("", [])


@dataclass(frozen=True)
class Verdict:
    """The outcome of one rung on one subject; `faults` is empty where all is the same."""

    rung: str
    does: str
    subject: str
    outcome: str
    seconds: float
    faults: list[Fault]


def ladder(root: Path, cell: str | None, workers: int = 1, home: Path | None = None) -> list[Check]:
    """The checks that this machine can make, from the lowest rung up; the longest of a rung first.

    Args:
        root: a folder with what is committed.
        cell: `<benchmark>/<model>`, to be trained anew.
        workers: how many processes will make them.
        home: the repository, where a cell is trained; the root if not given.

    Raises:
        UserError: there are no case scores.
    """
    benchmarks = benchmarks_with_cases(root)
    if not benchmarks:
        raise UserError(f"{root / 'reports' / 'cases'}: no case scores, so there is nothing to verify.")
    checks = [Check("a", "is there", "what git tracks", partial(check_presence, root))]
    checks += [Check("a", "has a check", "every result", partial(check_owners, root))]
    checks += [Check("a", "as the pipeline made it", LOCK, partial(check_lock, root))]
    checks += [Check("a", "as the runs carry it", FILE, partial(check_fingerprints, root))]
    checks += [Check("a", "as its page says", "drawings of speed", partial(check_hashed, root))]
    checks += [Check("a", "as listed and quoted", "README and docs", partial(check_numbers, root))]
    checks += [Check("a", "as measured", "docs/networks.md", partial(check_costs, root))]
    checks += [Check("a", "drawn anew", "benchmarks/folds", partial(check_folds, root))]
    checks += [Check("a", "agrees with itself", name, partial(check_agreement, name, root)) for name in benchmarks]
    parameters = read_parameters(root / PARAMETERS)
    points = {point: name for name in benchmarks for point in parameters.points_of(name)}
    compared = [name for name in benchmarks if name not in points]  # the points stand in the others' tables
    checks += [Check("a", "made from scores", name, partial(check_tables, name, root)) for name in compared]
    checks += [
        Check("a", "made from tables", page.relative_to(root).as_posix(), partial(check_page, page, root))
        for page in pages(root)
    ]
    shown = {benchmark for page in pages(root) for benchmark in shown_on(page)}
    for benchmark in [benchmark for benchmark in benchmarks if points.get(benchmark, benchmark) not in shown]:
        made = "shown on a page: `acsbench page` makes one"
        fault = Fault(f"reports/cases/{benchmark}", "the results", made, "shown on none")
        checks.append(Check("a", "is shown", benchmark, told=("", [fault])))
    if (root / CARDS).is_dir():
        checks.append(Check("a", "made from tables", CARDS.as_posix(), partial(check_cards, root)))
    prepared = [benchmark for benchmark in benchmarks if (root / "prepared" / "benchmarks" / benchmark).is_dir()]
    each = max(1, workers // max(1, len(prepared)))
    for benchmark in benchmarks:
        if benchmark in prepared:
            checks.append(Check("b", "scored anew", benchmark, partial(check_scores, benchmark, root, each)))
        else:
            told = (f"skipped: no prepared/benchmarks/{benchmark}", [])
            checks.append(Check("b", "scored anew", benchmark, told=told))
    checks = sorted([*checks, *(Check(*found) for found in external_checks(root, each))], key=lambda check: check.rung)
    if cell:
        checks.append(Check("c", "trained anew", cell, partial(check_cell, cell, home or root)))
    else:
        checks.append(Check("c", "trained anew", "one cell", told=("not asked for: --cell <benchmark>/<model>", [])))
    return checks


def verdict_on(check: Check) -> Verdict:
    began = time.perf_counter()
    outcome, faults = going_on(check.subject, check.make)() if check.make else check.told
    return Verdict(check.rung, check.does, check.subject, outcome, time.perf_counter() - began, faults)


def climb(checks: list[Check], workers: int = 1) -> Iterator[Verdict]:
    """The verdicts in the order of the checks, each as soon as it and those before it are there.

    The rungs below the training are made by so many processes, one thread each; the training has the machine to itself.
    """
    below, training = [c for c in checks if c.rung != "c"], [c for c in checks if c.rung == "c"]
    if workers == 1:
        yield from map(verdict_on, below)
    else:
        # Spawned: a fork of a process in which libraries already run threads may hang.
        pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=keep_to_one_thread)
        try:
            yield from (future.result() for future in [pool.submit(verdict_on, check) for check in below])
        finally:
            pool.shutdown(cancel_futures=True)
    yield from map(verdict_on, training)


def keep_to_one_thread() -> None:
    """Of this module, so that a process has imported the libraries when it limits them."""
    threadpool_limits(1)


def line_of(verdict: Verdict) -> str:
    """A verdict as printed; the faults follow at the end, in a table."""
    count, files = len(verdict.faults), len(by_file(verdict.faults))
    told = (
        f"{count} FAULT{'S' if count > 1 else ''} in {files} file{'s' if files > 1 else ''}"
        if count
        else verdict.outcome
    )
    return f"({verdict.rung}) {verdict.does:24}{verdict.subject:38}{verdict.seconds:7.1f} s  {told}"
