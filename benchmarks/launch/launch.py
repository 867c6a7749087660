"""`acsbench launch`: a plan, a place, a head; then DVC is told."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.configuration import Engine, Parameters
from benchmarks.errors import UserError
from benchmarks.launch.dvc_lock import tell_dvc
from benchmarks.launch.head import Head
from benchmarks.launch.options import RayOptions, SlurmOptions, no_options, read_options
from benchmarks.launch.overview import overview
from benchmarks.launch.places import Place
from benchmarks.launch.places.local import LocalProcesses
from benchmarks.launch.plan import Planned, plan
from benchmarks.training.cell import choose_device, side_by_side

On = Literal["local", "ray", "slurm"]


@dataclass(frozen=True)
class How:
    """Where a launch trains, and how stubbornly."""

    on: On
    workers: int | None = None
    attempts: int = 2
    address: str | None = None
    options: Path | None = None

    def __post_init__(self) -> None:
        for name in ("workers", "attempts"):
            number = getattr(self, name)
            if number is not None and number < 1:
                raise UserError(f"--{name}: expected at least 1, found {number}.")
        if self.address and self.on != "ray":
            raise UserError(f"--address is of --on ray, not of --on {self.on}.")


def launch(
    parameters: Parameters,
    benchmarks: list[str],
    models: list[str] | None,
    folds: list[int] | None,
    seeds: list[int] | None,
    how: How,
    dry_run: bool = False,
) -> None:
    """Train every run of some benchmarks that is not there yet, enter what is whole, and tell DVC.

    Raises:
        UserError: something asked for is unknown; or the runs that failed, after all others have ended.
    """
    if dry_run:
        read_place_options(how)
        print(overview(parameters, plan(parameters, benchmarks, models, folds, seeds, measure=False), how.workers))
        return
    planned = plan(parameters, benchmarks, models, folds, seeds)
    failures = train(planned, how, parameters.engine)
    cells = {p.run.key[:2]: (p.run.cell, p.run.fingerprint) for p in planned}
    for line in tell_dvc(list(cells.values())):
        print(line, flush=True)
    tell_failures(failures, len(planned))


def train(planned: list[Planned], how: How, engine: Engine, say: Callable[[str], None] = print) -> dict[str, str]:
    """Train what waits of a plan, and collect the cells that are whole; what failed, by name."""
    for p in planned:
        if p.note:
            say(f"{p.run.name}: {p.note} It is trained anew.")
    waiting = sum(p.waits for p in planned)
    kept, resumed = len(planned) - waiting, sum(p.state == "resumed" for p in planned)
    say(f"{len(planned)} runs: {kept} kept, {waiting} to train, {resumed} of them from where they were interrupted")
    place, planned = open_place(how, engine, planned) if waiting else (LocalProcesses(1, Path.cwd()), planned)
    return Head(planned, place, how.attempts).run()


def open_place(how: How, engine: Engine, planned: list[Planned]) -> tuple[Place, list[Planned]]:
    """Where runs are trained; for processes of this machine, the runs with the threads that each has.

    Raises:
        UserError: it cannot be had.
    """
    workspace = Path.cwd()
    options = read_place_options(how)
    if isinstance(options, RayOptions):
        from benchmarks.launch.places.ray_cluster import RayCluster

        return RayCluster(options, how.address, how.workers or engine.threads, engine, workspace), planned
    if isinstance(options, SlurmOptions):
        from benchmarks.launch.places.slurm import SlurmJobs

        at_once = how.workers or options.at_once
        return SlurmJobs(dataclasses.replace(options, at_once=at_once), engine, workspace), planned
    # Threads move last digits, so they follow from the plan, not from how much of it is left.
    if how.workers:
        workers, threads = how.workers, max(1, engine.threads // how.workers)
    else:
        chosen = side_by_side(engine, choose_device(engine.device), len(planned))
        workers, threads = chosen.runs_at_once, chosen.threads
    on_threads = [Planned(p.run.on_threads(threads), p.state, p.epochs_done, p.note) for p in planned]
    return LocalProcesses(workers, workspace), on_threads


def read_place_options(how: How) -> RayOptions | SlurmOptions | None:
    """The options of the place, read before anything is begun.

    Raises:
        UserError: they hold something that is not known.
    """
    if how.on == "local":
        no_options(how.options, how.on)
        return None
    return read_options(RayOptions, how.options) if how.on == "ray" else read_options(SlurmOptions, how.options)


def tell_failures(failures: dict[str, str], runs: int) -> None:
    """
    Raises:
        UserError: there are any.
    """
    if failures:
        lines = [f"  {name}: {message}" for name, message in failures.items()]
        raise UserError(
            f"{len(failures)} of {runs} runs failed; the others are kept, and the same command tries these again:\n"
            + "\n".join(lines)
        )
