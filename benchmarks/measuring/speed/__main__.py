"""How fast each job is on this machine, beside the conventional way: `python -m benchmarks.measuring.speed`.

Ours and the conventional way take turns, so that whatever else the machine does meets both. Medians, least and most go
to `reports/speed.csv` as soon as a job is done, in the place of what this machine had measured before; then
`docs/speed.md` and `reports/figures/speed.svg` are made anew. What each job is stands on that page.
"""

import argparse
import tempfile
from pathlib import Path

import torch

from benchmarks.configuration import PARAMETERS, Parameters, read_parameters
from benchmarks.errors import UserError, entry_point
from benchmarks.measuring.machine import machine
from benchmarks.measuring.speed.catalogue import GROUPS, jobs_of
from benchmarks.measuring.speed.conventional import medpy_is_here
from benchmarks.measuring.speed.devices import device_name
from benchmarks.measuring.speed.steps import Settings, models_of
from benchmarks.measuring.speed.table import MEASURED, merged, read_speed
from benchmarks.measuring.speed.turns import Job, take_turns
from benchmarks.training.cell import choose_device
from benchmarks.training.files import write_table
from benchmarks.training.progress import tqdm

PRECISIONS = ("float32", "bfloat16")


def parser_of() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.measuring.speed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--jobs", nargs="+", choices=GROUPS, default=list(GROUPS), metavar="JOB", help=f"of {', '.join(GROUPS)}")
    add("--models", nargs="+", metavar="MODEL", help="networks whose steps are timed (default: the comparison's)")
    add("--sizes", nargs="+", type=int, default=[128, 256], metavar="PIXELS",
        help="sides of the images; on a CPU all but the first are for the reference alone (default: 128 256)")  # fmt: skip
    add("--precisions", nargs="+", choices=PRECISIONS, default=list(PRECISIONS), metavar="PRECISION",
        help="of our steps, of float32 and bfloat16; the conventional ones are in float32 (default: both)")  # fmt: skip
    add("--repetitions", type=int, default=5, help="turns of every way to do a job (default: 5)")
    add("--command-repetitions", type=int, default=1, help="of jobs without a counterpart, growth, verify (default: 1)")
    add("--steps", type=int, help="training steps of a turn (default: 2 on a CPU, 50 elsewhere)")
    add("--images", type=Path, metavar="FOLDER",
        help="where the image files lie; those missing are written there (default: a folder for the time being)")  # fmt: skip
    add("--image-count", type=int, default=32, help="image files to train and validate on (default: 32)")
    add("--masks", type=int, default=647, help="masks to score beside medpy (default: 647, as many as BUSI's)")
    add("--cases", nargs="+", type=int, default=[100, 647, 1000, 5000, 20000], metavar="CASES",
        help="cases at which growth is measured (default: 100 647 1000 5000 20000)")  # fmt: skip
    add("--threads", type=int, help="of torch, and processes of verify (default: engine.threads of params.yaml)")
    add("--loader-workers", type=int, help="processes that load the conventional script's images (default: --threads)")
    add("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    add("--params", type=Path, default=PARAMETERS, help=f"parameters (default: {PARAMETERS})")
    add("--output", type=Path, default=MEASURED, help=f"the table; page and figure only go with {MEASURED}")
    return parser


def check(arguments: argparse.Namespace) -> None:
    """Raise `UserError` where a number makes no sense."""
    for option in ("repetitions", "command_repetitions", "steps", "image_count", "masks", "threads"):
        value = getattr(arguments, option)
        if value is not None and value < 1:
            raise UserError(f"--{option.replace('_', '-')}: expected at least 1, found {value}.")
    if min(arguments.cases) < 20:
        raise UserError(f"--cases: expected at least 20, which folds need, found {min(arguments.cases)}.")


def settings_of(arguments: argparse.Namespace, parameters: Parameters, folder: Path) -> Settings:
    """What the training steps need.

    Raises:
        UserError: a model or the device does not exist.
    """
    device = choose_device(arguments.device)
    for model in arguments.models or []:
        parameters.model(model)
    workers = arguments.threads if arguments.loader_workers is None else arguments.loader_workers
    return Settings(
        parameters,
        arguments.images or folder / "images",
        device,
        arguments.precisions,
        arguments.steps or (2 if device.type == "cpu" else 50),
        arguments.repetitions,
        workers,
    )


def measure(jobs: list[Job], place: dict[str, object], output: Path) -> list[str]:
    """Do the jobs in turn and enter each in the table; returns what could not be done, a line each."""
    problems = []
    with tqdm(total=sum(job.repetitions for job in jobs), unit="turn", desc="speed") as bar:
        for job in jobs:
            bar.set_postfix(job=job.name)
            rows: list[dict] = []
            done = 0
            try:
                for rows in take_turns(job):
                    done += 1
                    bar.update(1)
            except UserError as error:
                problems.append(str(error))
                bar.update(job.repetitions - done)
            if rows:
                write_table(output, merged(read_speed(output), [place | row for row in rows]))
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
    return problems


@entry_point
def main() -> None:
    arguments = parser_of().parse_args()
    check(arguments)
    parameters = read_parameters(arguments.params)
    arguments.threads = arguments.threads or parameters.engine.threads
    arguments.models = arguments.models or models_of(parameters)
    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_of(arguments, parameters, Path(folder))
        place = {
            "machine": machine(),
            "device": device_name(settings.device),
            "threads": arguments.threads,
            "torch": torch.__version__.partition("+")[0],
        }
        problems = measure(jobs_of(arguments, settings, Path(folder)), place, arguments.output)
    if not medpy_is_here():
        problems.append(
            "medpy is not installed (it is in the extra `test`): neither validation nor scoring was compared."
        )
    if arguments.output == MEASURED:
        from benchmarks.measuring.speed.page import write_page  # matplotlib, which a bare training machine lacks

        write_page(Path())
    print("\n".join(["", *problems, f"{arguments.output}: measured on {place['machine']}, {place['device']}."]))


if __name__ == "__main__":
    main()
