"""What a cluster is asked for, from a file of options: a key that is not known is an error."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from benchmarks.configuration import read_value
from benchmarks.configuration.documents import read_document
from benchmarks.configuration.ranges import Count, Limits, Workers
from benchmarks.errors import UserError

DevicesShare = Annotated[float, Limits(ge=0, le=64)]
Devices = Annotated[int, Limits(ge=0, le=64)]
Gibibytes = Annotated[int, Limits(ge=1, le=10_000)]


Options = TypeVar("Options")


@dataclass(frozen=True)
class RayOptions:
    """Shares of the cluster that each run takes."""

    cpus: Workers = 1  # and so many threads
    gpus: DevicesShare | Literal["auto"] = "auto"  # auto: of a cluster with GPUs, 1 / engine.concurrent_runs, else 0
    shared_disk: Literal["auto"] | bool = "auto"  # whether every node sees this workspace; auto: each looks


@dataclass(frozen=True)
class SlurmOptions:
    """What each run's job asks for; `cluster: local` runs the jobs as processes of this machine, to try it out."""

    cluster: Literal["slurm", "local"] = "slurm"
    partition: str | None = None
    account: str | None = None
    qos: str | None = None
    constraint: str | None = None
    minutes: Count = 240  # a job that is not through by then is queued again and goes on from its last epoch ...
    requeues: Count = 20  # ... so many times
    cpus: Workers = 1  # and so many threads
    gpus: Devices = 0
    memory: Gibibytes = 8
    at_once: Workers = 16  # jobs of an array that may run side by side
    setup: list[str] = field(default_factory=list)  # shell lines before each job, such as `module load ...`


def read_options(kind: type[Options], path: Path | None) -> Options:
    """The options of a kind of cluster, its defaults without a file.

    Raises:
        UserError: the file is missing, or holds a key or value that is not known.
    """
    if path is None:
        return kind()
    return read_value(kind, read_document(path) or {}, str(path), "")


def no_options(path: Path | None, place: str) -> None:
    """Refuse a file of options where there is nothing to choose.

    Raises:
        UserError: one is given.
    """
    if path is not None:
        raise UserError(f"{path}: --on {place} has no options; they are of --on ray and --on slurm.")
