"""Runs as tasks of a Ray cluster: of one that is there, or of one that is started on this machine for the launch.

Where a node does not see this workspace, it is sent the prepared arrays and the weights that a run starts from, trains
in a folder of its own, and sends the finished run's files back, which are written here whole.
"""

import shutil
import tempfile
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.configuration import Engine
from benchmarks.errors import UserError
from benchmarks.launch.options import RayOptions
from benchmarks.launch.places import library_missing
from benchmarks.launch.runs import Run, in_words, train_in
from benchmarks.source_code import ROOT
from benchmarks.training.cell import RUNS
from benchmarks.training.collect import read_run
from benchmarks.training.data import FILES, PREPARED
from benchmarks.training.run import held_run
from benchmarks.whole_files import swap_in

CODE = ("acsnet", "baselines", "benchmarks")
OBJECT_STORE = 200 * 2**20  # bytes, of a cluster of our own, where files do not pass through it

Files = Mapping[str, bytes]  # content by path within a workspace


class RayJob:
    """A task that trains a run."""

    def __init__(self, run: Run, reference: Any):
        self.run, self.reference = run, reference

    def ended(self) -> bool:
        import ray

        return bool(ray.wait([self.reference], timeout=0)[0])

    def fault(self) -> str | None:
        import ray
        from ray.exceptions import RayError, RayTaskError

        try:
            files = ray.get(self.reference)
            return None if files is None else enter(self.run, files)
        except RayTaskError as error:
            return in_words(error.cause)
        except RayError as error:  # the worker or its node died
            return f"its worker is gone ({type(error).__name__}): {' '.join(str(error).split())[:300]}"


class RayCluster:
    """A cluster; how many runs it trains at once follows from its processors and each run's shares."""

    def __init__(self, options: RayOptions, address: str | None, workers: int, engine: Engine, workspace: Path):
        """
        Args:
            options: the shares of a run.
            address: of a cluster; by default one of this machine is started, and stopped again by `close`.
            workers: runs at a time on such a cluster.
            engine: of params.yaml.
            workspace: where results go.

        Raises:
            UserError: ray is missing, or there is no cluster at the address.
        """
        try:
            import ray
        except ImportError as error:
            raise library_missing("ray", "ray") from error
        self.options, self.workspace = options, workspace
        self.own = not ray.is_initialized()
        if self.own:
            connect(address, workers * options.cpus)
        # A cluster that was started here is this machine.
        self.shared = True if self.own and address is None and options.shared_disk == "auto" else options.shared_disk
        self.gpus = share_of_gpu(options, engine, ray.cluster_resources().get("GPU", 0))
        self.progress: Any = ray.remote(num_cpus=0)(Progress).remote()
        self.token = RUNS / ".launch" / uuid.uuid4().hex  # a node that sees this file sees the workspace
        self.token.parent.mkdir(parents=True, exist_ok=True)
        self.token.touch()
        self.seen: dict[tuple, int] = {}
        self.asked = 0.0
        self.data: dict[str, Any] = {}  # prepared benchmarks in Ray's store

    def room(self) -> int:
        """Ray itself keeps what it has no room for."""
        return 1024

    def start(self, runs: list[Run]) -> list[RayJob]:
        import ray

        # One task a process: what a run leaves in memory, on a GPU as well, goes with it.
        task = ray.remote(num_cpus=self.options.cpus, num_gpus=self.gpus, max_retries=0, max_calls=1)(work)
        shared = self.shared
        jobs = []
        for run in runs:
            data = None if shared is True else self.prepared(run.cell.benchmark_name)
            weights = {} if shared is True else weights_of_sources(run)
            token = "" if shared is False else str(self.workspace / self.token)
            run = run.on_threads(self.options.cpus)
            jobs.append(RayJob(run, task.remote(run, str(self.workspace), token, shared, data, weights, self.progress)))
        return jobs

    def prepared(self, benchmark: str) -> Any:
        """A prepared benchmark's files in Ray's store, put there once."""
        import ray

        if benchmark not in self.data:
            folder = PREPARED / benchmark
            self.data[benchmark] = ray.put({str(folder / name): (folder / name).read_bytes() for name in FILES})
        return self.data[benchmark]

    def epochs(self, run: Run) -> int:
        import ray

        if time.monotonic() - self.asked > 1:
            self.seen, self.asked = ray.get(self.progress.all.remote()), time.monotonic()
        return self.seen.get(run.key, 0)

    def close(self) -> None:
        import ray

        self.token.unlink(missing_ok=True)
        if self.own:
            ray.shutdown()
        else:
            ray.kill(self.progress)


class Progress:
    """On the cluster: how many epochs each run has finished."""

    def __init__(self) -> None:
        self.finished: dict[tuple, int] = {}

    def tell(self, key: tuple, epochs: int) -> None:
        self.finished[key] = epochs

    def all(self) -> dict[tuple, int]:
        return self.finished


def connect(address: str | None, cpus: int) -> None:
    """Join the cluster at an address, to which the code is sent along, or start one here.

    Raises:
        UserError: there is none.
    """
    import ray

    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "warning"}
    if address is None:
        ray.init(address="local", num_cpus=cpus, include_dashboard=False, object_store_memory=OBJECT_STORE, **quiet)
        return
    try:
        modules = [str(ROOT / name) for name in CODE]
        ray.init(address=address, runtime_env={"py_modules": modules}, **quiet)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise UserError(
            f"--address {address}: no Ray cluster answers there ({' '.join(str(error).split())[:200]}). `ray status` "
            "on its head node says where it is; without --address a cluster of this machine is started."
        ) from error


def share_of_gpu(options: RayOptions, engine: Engine, gpus: float) -> float:
    """What a run takes of a GPU: nothing where it is trained on processors.

    Raises:
        UserError: runs are to be trained on GPUs, and the cluster has none, or they are given none.
    """
    wanted = options.gpus
    if wanted == "auto":
        wanted = 0.0 if engine.device == "cpu" or not gpus else 1 / engine.runs_at_once
    if engine.device.startswith("cuda") and not (wanted and gpus):
        raise UserError(
            f"params.yaml: engine.device is {engine.device}, but the Ray cluster has {gpus:g} GPUs and each run "
            f"asks for {wanted:g} (gpus in the options). Use engine.device: auto or cpu, or a cluster with GPUs."
        )
    return wanted


def weights_of_sources(run: Run) -> Files:
    paths = [run.cell.folder.with_name(key[1]) / run.folder.name / "weights.pt" for key in run.sources]
    return {str(path): path.read_bytes() for path in paths}


def work(
    run: Run, workspace: str, token: str, shared: bool | str, data: Files | None, weights: Files, progress: Any
) -> Files | None:
    """On a worker: train where the workspace is seen, else in a folder of this node, whose finished run is returned.

    That folder's name is the run's, so that another attempt on the same node goes on from the last epoch.
    """

    def tell(row: dict) -> None:
        progress.tell.remote(run.key, row["epoch"] + 1)

    if shared is True or (token and Path(token).is_file()):
        train_in(Path(workspace), run)
        return None
    name = "-".join(map(str, (run.fingerprint, *run.key)))
    own = Path(tempfile.gettempdir()) / "acsbench" / name
    for path, content in {**(data or {}), **weights}.items():
        (own / path).parent.mkdir(parents=True, exist_ok=True)
        (own / path).write_bytes(content)
    train_in(own, run, tell)
    files = {path.name: path.read_bytes() for path in sorted((own / run.folder).iterdir()) if path.is_file()}
    shutil.rmtree(own, ignore_errors=True)
    return files


def enter(run: Run, files: Files) -> str | None:
    """Write a run's files into the workspace, whole or not at all; what is wrong with them, if anything."""
    beside = run.folder.with_name(f".{run.folder.name}.brought.partial")
    try:
        with held_run(run.cell, run.seed, run.fold):
            shutil.rmtree(beside, ignore_errors=True)
            beside.mkdir(parents=True)
            for name, content in files.items():
                (beside / name).write_bytes(content)
            read_run(run.cell, beside)
            swap_in(beside, run.folder)
    except (UserError, OSError) as error:
        shutil.rmtree(beside, ignore_errors=True)
        return in_words(error)
    return None
