"""`acsbench verify` as a reviewer runs it, with and without the data."""

import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from benchmarks.errors import UserError
from benchmarks.measuring.speed.growth import with_source
from benchmarks.measuring.speed.turns import Job, Reading, Sides

READ = ("benchmarks", "acsnet", "baselines", "docs", "reports", "params.yaml", "pyproject.toml", "fingerprints.json")


def verify_jobs(root: Path, workers: int, repetitions: int) -> list[Job]:
    """Without data; and with them where `prepared/` is in the repository."""
    kinds = {"verify without data": READ}
    if (root / "prepared" / "benchmarks").is_dir():
        kinds["verify with data"] = (*READ, "prepared")
    return [
        Job(name, partial(start, name, partial(run_verify, root, read, workers)), repetitions)
        for name, read in kinds.items()
    ]


def start(name: str, run) -> Sides:
    return Sides({name: run})


def run_verify(root: Path, read: tuple[str, ...], workers: int) -> Reading:
    """Verify in a folder that links to these parts of the repository.

    Differences that it finds are told; they take no other time.

    Raises:
        UserError: it failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        for part in [root / name for name in read if (root / name).exists()]:
            (Path(folder) / part.name).symlink_to(part.resolve())
        command = [sys.executable, "-m", "benchmarks", "verify", "--workers", str(workers)]
        began = time.perf_counter()
        done = subprocess.run(command, cwd=folder, env=with_source(), capture_output=True, encoding="utf-8")
        seconds = time.perf_counter() - began
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        told = f"verify ended with status {done.returncode}: {last} Run `make verify` to see where."
        if "differences between" not in last:
            raise UserError(told)
        print(told, file=sys.stderr)
    return Reading(seconds)
