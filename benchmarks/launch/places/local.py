"""Runs as processes of this machine, one process for each run, so that the death of one is its own."""

import contextlib
import multiprocessing
import os
import signal
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.errors import UserError
from benchmarks.launch.runs import Run, in_words, train_in

LOGS = Path("runs/.launch")


class LocalJob:
    """A process that trains a run."""

    def __init__(self, run: Run, workspace: Path):
        self.log = log_of(run)
        context = multiprocessing.get_context("forkserver")  # which imports once, for all of them, ...
        context.set_forkserver_preload([__name__, "torch._dynamo"])  # ... what an optimiser's first step imports, too
        self.ours, theirs = context.Pipe(duplex=False)
        self.process = context.Process(target=work, args=(workspace, run, theirs), name=run.name)
        self.process.start()
        theirs.close()  # so that the death of the process ends what is read here

    def ended(self) -> bool:
        return not self.process.is_alive()

    def fault(self) -> str | None:
        """Why the run failed, None if it did not."""
        self.process.join()
        with contextlib.suppress(EOFError):
            return self.ours.recv()
        return f"its process ended with exit status {self.process.exitcode}; what it said: {self.log}"

    def stop(self) -> None:
        self.process.terminate()
        self.process.join()


class LocalProcesses:
    """At most `workers` processes at a time."""

    def __init__(self, workers: int, workspace: Path):
        self.workers, self.workspace = workers, workspace
        self.jobs: list[LocalJob] = []

    def room(self) -> int:
        return self.workers - sum(not job.ended() for job in self.jobs)

    def start(self, runs: list[Run]) -> list[LocalJob]:
        started = [LocalJob(run, self.workspace) for run in runs]
        self.jobs += started
        return started

    def epochs(self, run: Run) -> int:
        """Epochs that cannot be seen on disk here: none."""
        return 0

    def close(self) -> None:
        for job in self.jobs:
            if not job.ended():
                job.stop()


def log_of(run: Run) -> Path:
    benchmark, model, seed, fold = run.key
    return LOGS / f"{benchmark}-{model}-seed{seed}-fold{fold}.log"


def work(workspace: Path, run: Run, result: Connection) -> None:
    """In the process: train, and send what went wrong, or None.

    A head that is killed takes its workers with it after their epoch, whose state is kept: nobody would hear them.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the head, which stops its workers
    os.chdir(workspace)
    head = multiprocessing.parent_process()

    def stop_without_head(row: dict) -> None:
        if head is not None and not head.is_alive():
            raise SystemExit("the head is gone")

    log = log_of(run)
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as file:
        for stream in (1, 2):  # what is printed, and what a death in C says
            os.dup2(file.fileno(), stream)
    try:
        train_in(workspace, run, stop_without_head)
    except UserError as error:
        result.send(str(error))
    except Exception as error:
        traceback.print_exc()
        result.send(f"{in_words(error)}; the whole of it: {log}")
    else:
        result.send(None)
