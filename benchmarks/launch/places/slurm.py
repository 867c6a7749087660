"""Runs as jobs of Slurm, a job array for all that can start, through submitit.

A job that meets its time limit or is preempted is queued again by submitit and goes on from its last finished epoch.
Which job trains which run is noted, so that a head that is started again waits for the jobs that are there.
"""

import json
import time
import traceback
from pathlib import Path
from typing import Any

from benchmarks.configuration import Engine
from benchmarks.errors import UserError
from benchmarks.launch.options import SlurmOptions
from benchmarks.launch.places import library_missing
from benchmarks.launch.runs import Run, in_words, train_in
from benchmarks.training.files import write_json

FOLDER = Path("runs/.launch/slurm")  # scripts and logs, as submitit leaves them
NOTED = FOLDER / "jobs.json"
ASKED_AGAIN = 15.0  # seconds between two questions to Slurm, whose accounting should not be asked more often


class TrainRun:
    """What a job calls; submitit asks it what to queue again when the time is over."""

    def __init__(self, run: Run, workspace: Path):
        self.run, self.workspace = run, workspace

    def __call__(self) -> str | None:
        """Why the run failed, None if it did not; the job's log has the whole of it."""
        try:
            train_in(self.workspace, self.run)
        except Exception as error:
            traceback.print_exc()
            return in_words(error)
        return None

    def checkpoint(self) -> Any:
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)


class SlurmJob:
    """A job that trains a run."""

    def __init__(self, job: Any, patient: bool):
        self.job, self.patient, self.asked = job, patient, time.monotonic()

    def ended(self) -> bool:
        if self.job.paths.result_pickle.is_file():
            return True
        if self.patient and time.monotonic() - self.asked < ASKED_AGAIN:
            return False
        self.asked = time.monotonic()
        return self.job.done()

    def fault(self) -> str | None:
        if not self.patient and not self.job.paths.result_pickle.is_file():
            return self.without_result("its process died")
        try:
            return self.job.result()
        except Exception as error:  # submitit's own, of a job that was cancelled or whose node died
            return self.without_result(last_words(error))

    def without_result(self, reason: str) -> str:
        return f"job {self.job.job_id} ended without a result ({reason}); its log: {self.job.paths.stderr}"


class SlurmJobs:
    """A Slurm cluster, or, where the options say `cluster: local`, jobs as processes of this machine."""

    def __init__(self, options: SlurmOptions, engine: Engine, workspace: Path):
        """
        Raises:
            UserError: submitit is missing, this is no Slurm cluster, or its jobs would look for a GPU in vain.
        """
        try:
            import submitit
        except ImportError as error:
            raise library_missing("submitit", "slurm") from error
        if engine.device.startswith("cuda") and not options.gpus:
            raise UserError(
                f"params.yaml: engine.device is {engine.device}, but a job asks for no GPU. Give `gpus: 1` in the "
                "options, or engine.device: auto."
            )
        self.options, self.workspace, self.jobs = options, workspace, list[SlurmJob]()
        try:
            self.executor = submitit.AutoExecutor(
                workspace / FOLDER, cluster=options.cluster, slurm_max_num_timeout=options.requeues
            )
        except RuntimeError as error:  # no srun
            raise UserError(
                f"--on slurm: {error} Run this on a login node of the cluster; `cluster: local` in the options runs "
                "the jobs as processes of this machine."
            ) from error
        self.executor.update_parameters(**asked_of_slurm(options))

    def room(self) -> int:
        """Slurm keeps what it has no room for; on this machine, nobody else does."""
        if self.options.cluster == "slurm":
            return 1024
        return self.options.at_once - sum(not job.ended() for job in self.jobs)

    def start(self, runs: list[Run]) -> list[SlurmJob]:
        noted = read_noted()
        found = [self.noted_job(noted.get(name_of(run))) for run in runs]
        new = [run for run, job in zip(runs, found, strict=True) if job is None]
        submitted = iter(self.submit(new))
        jobs = [job or next(submitted) for job in found]
        write_json(NOTED, noted | {name_of(run): job.job.job_id for run, job in zip(runs, jobs, strict=True)})
        self.jobs += jobs
        return jobs

    def submit(self, runs: list[Run]) -> list[SlurmJob]:
        """One array of jobs."""
        from submitit.core.utils import FailedJobError

        patient = self.options.cluster == "slurm"
        calls = [TrainRun(run.on_threads(self.options.cpus), self.workspace) for run in runs]
        try:
            with self.executor.batch():
                jobs = [self.executor.submit(call) for call in calls]
        except FailedJobError as error:  # what sbatch says of the options
            raise UserError(f"Slurm takes no jobs: {last_words(error)} Its options: {self.options}.") from error
        return [SlurmJob(job, patient) for job in jobs]

    def noted_job(self, number: str | None) -> SlurmJob | None:
        """The job that an earlier head submitted, if it is still to come or at work."""
        if number is None or self.options.cluster != "slurm":
            return None
        import submitit

        job = submitit.SlurmJob(folder=self.workspace / FOLDER, job_id=number)
        return None if job.done(force_check=True) else SlurmJob(job, patient=True)

    def epochs(self, run: Run) -> int:
        """Epochs that cannot be seen on disk here: none, for Slurm's nodes share it."""
        return 0

    def close(self) -> None:
        """Jobs of Slurm go on without a head, and a later one finds them; processes of this machine are stopped."""
        if self.options.cluster == "local":
            for job in self.jobs:
                if not job.ended():
                    job.job.cancel()


def asked_of_slurm(options: SlurmOptions) -> dict[str, Any]:
    """The options in submitit's words."""
    asked = {
        "name": "acsbench",
        "timeout_min": options.minutes,
        "cpus_per_task": options.cpus,
        "mem_gb": options.memory,
        "slurm_array_parallelism": options.at_once,
        "slurm_setup": options.setup,
    }
    if options.gpus:  # clusters without GPUs refuse even a request for none
        asked["gpus_per_node"] = options.gpus
    named = {name: getattr(options, name) for name in ("partition", "account", "qos", "constraint")}
    return asked | {f"slurm_{name}": value for name, value in named.items() if value is not None}


def name_of(run: Run) -> str:
    return f"{run.name}, {run.fingerprint}"


def read_noted() -> dict[str, str]:
    """The jobs of earlier heads, by run; none where the note cannot be read."""
    try:
        return json.loads(NOTED.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def last_words(error: Exception) -> str:
    """The last line of a message that may hold a whole log."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip(" -")]
    return lines[-1][:500] if lines else type(error).__name__
