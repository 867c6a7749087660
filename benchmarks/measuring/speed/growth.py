"""How the stages on the host grow with the number of cases, in time and memory: each in a process of its own."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from benchmarks.errors import UserError
from benchmarks.measuring.speed.child import STAGES
from benchmarks.measuring.speed.images import write_images
from benchmarks.measuring.speed.turns import Job, Reading, Sides
from benchmarks.source_code import ROOT

DISTINCT = 40


def growth_jobs(folder: Path, cases: list[int], repetitions: int) -> list[Job]:
    """For each number of cases every stage, in the order in which one reads what another has written."""
    jobs = []
    for count in cases:
        for stage in STAGES:
            name = f"{stage}, {count} cases"
            jobs.append(Job(name, partial(start, name, stage, count, folder / str(count)), repetitions))
    return jobs


def start(name: str, stage: str, cases: int, folder: Path) -> Sides:
    write_images(folder / "images", min(cases, DISTINCT), enlarged=1)
    return Sides({name: partial(run_stage, stage, cases, folder)})


def run_stage(stage: str, cases: int, folder: Path) -> Reading:
    """Run a stage in a folder.

    Raises:
        UserError: it failed, or the system ended it (out of memory, most likely).
    """
    if stage == "score":  # else it would find that nothing has changed
        for path in folder.glob("reports/cases/*/digests.json"):
            path.unlink()
    command = [sys.executable, "-m", "benchmarks.measuring.speed.child", stage, str(cases)]
    done = subprocess.run(command, cwd=folder, env=with_source(), capture_output=True, encoding="utf-8")
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message; out of memory?"])[-1]
        raise UserError(f"{stage} of {cases} cases ended with status {done.returncode}: {last}")
    return Reading(**json.loads(done.stdout.strip().splitlines()[-1]))


def with_source() -> dict[str, str]:
    """The environment of a process that works in another folder, with this source code."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
