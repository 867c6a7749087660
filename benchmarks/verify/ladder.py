"""The checks that this machine can make, rung by rung, side by side, and their verdicts."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from threadpoolctl import threadpool_limits

from benchmarks.errors import UserError
from benchmarks.reporting.cards.write import CARDS
from benchmarks.reporting.results import benchmarks_with_cases
from benchmarks.verify.external import external_checks
from benchmarks.verify.scored import check_scores
from benchmarks.verify.shown import check_cards, check_page, check_tables, pages, shown_on
from benchmarks.verify.trained import check_cell

RUNGS = {"a": "all that is shown, from scores", "b": "scores from predictions", "c": "a cell trained anew"}
Outcome = tuple[str, list[str]]  # what was done, in words, and what differs


@dataclass(frozen=True)
class Check:
    """One rung for one subject; without `make` nothing is done, and `told` is its outcome."""

    rung: str
    subject: str
    make: Callable[[], Outcome] | None = None  # of a module, so that another process can be sent it
    told: Outcome = ("", [])


@dataclass(frozen=True)
class Verdict:
    """The outcome of one rung on one subject; `differences` is empty where all is the same."""

    rung: str
    subject: str
    outcome: str
    seconds: float
    differences: list[str]


def ladder(root: Path, cell: str | None, workers: int = 1) -> list[Check]:
    """The checks that this machine can make, from the lowest rung up.

    Args:
        cell: `<benchmark>/<model>`, to be trained anew.
        workers: how many processes will make them.

    Raises:
        UserError: there are no case scores.
    """
    benchmarks = benchmarks_with_cases(root)
    if not benchmarks:
        raise UserError(f"{root / 'reports' / 'cases'}: no case scores, so there is nothing to verify.")
    checks = [Check("a", benchmark, partial(check_tables, benchmark, root)) for benchmark in benchmarks]
    checks += [Check("a", str(page.relative_to(root)), partial(check_page, page, root)) for page in pages(root)]
    shown = {benchmark for page in pages(root) for benchmark in shown_on(page)}
    for benchmark in [benchmark for benchmark in benchmarks if benchmark not in shown]:
        remark = f"reports/cases/{benchmark}: shown on no page; `python -m benchmarks.reporting.page` makes one"
        checks.append(Check("a", benchmark, told=("", [remark])))
    if (root / CARDS).is_dir():
        checks.append(Check("a", str(CARDS), partial(check_cards, root)))
    prepared = [benchmark for benchmark in benchmarks if (root / "prepared" / "benchmarks" / benchmark).is_dir()]
    each = max(1, workers // max(1, len(prepared)))
    for benchmark in benchmarks:
        if benchmark in prepared:
            checks.append(Check("b", benchmark, partial(check_scores, benchmark, root, each)))
        else:
            checks.append(Check("b", benchmark, told=(f"skipped: no prepared/benchmarks/{benchmark}", [])))
    checks = sorted([*checks, *(Check(*found) for found in external_checks(root, each))], key=lambda check: check.rung)
    if cell:
        checks.append(Check("c", cell, partial(check_cell, cell, root)))
    else:
        checks.append(Check("c", "one cell", told=("not asked for: --cell <benchmark>/<model>", [])))
    return checks


def verdict_on(check: Check) -> Verdict:
    began = time.perf_counter()
    outcome, differences = check.make() if check.make else check.told
    return Verdict(check.rung, check.subject, outcome, time.perf_counter() - began, differences)


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


def lines_of(verdict: Verdict) -> list[str]:
    """A verdict as printed: its own line, and one for each file that differs."""
    told = f"{len(verdict.differences)} DIFFERENCES" if verdict.differences else verdict.outcome
    lines = [f"({verdict.rung}) {RUNGS[verdict.rung]:32}{verdict.subject:38}{verdict.seconds:7.1f} s  {told}"]
    for found in by_file(verdict.differences).values():
        more = f" (and {len(found) - 1} more there)" if len(found) > 1 else ""
        lines.append(f"      {found[0]}{more}")
    return lines


def by_file(differences: list[str]) -> dict[str, list[str]]:
    """Differences under the file that each begins with: one changed score shows in many tables."""
    files: dict[str, list[str]] = {}
    for line in differences:
        files.setdefault(line.partition(":")[0], []).append(line)
    return files
