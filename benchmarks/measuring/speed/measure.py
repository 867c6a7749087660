"""How fast each job is on this machine, beside the conventional way (`acsbench speed`).

Ours and the conventional way take turns, so that whatever else the machine does meets both. Medians, least and most go
to `reports/speed.csv` as soon as a job is done, in the place of what this machine had measured before; then
`docs/speed.md` and `reports/figures/speed.svg` are made anew. What each job is stands on that page.
"""

import tempfile
from pathlib import Path

import torch

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.measuring.machine import machine
from benchmarks.measuring.speed.asked import Asked, planned
from benchmarks.measuring.speed.catalogue import jobs_of
from benchmarks.measuring.speed.conventional import medpy_is_here
from benchmarks.measuring.speed.devices import device_name
from benchmarks.measuring.speed.table import MEASURED, merged, read_speed
from benchmarks.measuring.speed.turns import Job, take_turns
from benchmarks.training.files import write_table
from benchmarks.training.progress import tqdm


def measure(jobs: list[Job], place: dict[str, object], output: Path) -> list[str]:
    """Do the jobs one after the other and enter each in the table; returns what could not be done, a line each.

    Args:
        place: machine, device, threads and torch, as they stand in every row.
    """
    problems = []
    with tqdm(total=sum(job.repetitions for job in jobs), unit="turn", desc="speed") as bar:
        for job in jobs:
            bar.set_postfix(job=job.name)
            done, rows = 0, []
            try:
                for done, rows in enumerate(take_turns(job), 1):  # noqa: B007  # the last ones are kept
                    bar.update(1)
            except UserError as error:
                problems.append(str(error))
                bar.update(job.repetitions - done)
            if rows:
                write_table(output, merged(read_speed(output), [place | row for row in rows]))
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
    return problems


def measure_speed(asked: Asked, parameters: Parameters, output: Path) -> str:
    """Measure what was asked for; returns what a reader must know of it: what could not be done, and on what machine.

    Raises:
        UserError: see `planned`; or the table is not one of measurements.
    """
    with tempfile.TemporaryDirectory() as folder:
        plan = planned(asked, parameters, Path(folder))
        torch.set_num_threads(plan.threads)
        device, version = device_name(plan.settings.device), torch.__version__.partition("+")[0]
        place: dict[str, object] = {"machine": machine(), "device": device, "threads": plan.threads, "torch": version}
        problems = measure(jobs_of(plan, Path(folder)), place, output)
    if not medpy_is_here():
        problems.append("medpy is missing (it is in the extra `test`): validation and scoring stand without it.")
    if output == MEASURED:
        from benchmarks.measuring.speed.page import write_page  # matplotlib, which a bare training machine lacks

        write_page(Path())
    return "\n".join(["", *problems, f"{output}: measured on {machine()}, {device}."])
