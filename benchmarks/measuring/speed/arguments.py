"""What the command takes, and what the training steps need of it."""

import argparse
from pathlib import Path

from benchmarks.configuration import PARAMETERS, Parameters
from benchmarks.errors import UserError
from benchmarks.measuring.speed.catalogue import GROUPS
from benchmarks.measuring.speed.steps import Precision, Settings, models_of
from benchmarks.measuring.speed.table import MEASURED
from benchmarks.training.cell import choose_device
from benchmarks.training.precision import has_bfloat16

PRECISIONS: tuple[Precision, ...] = ("float32", "bfloat16")
COUNTS = ("repetitions", "command_repetitions", "steps", "image_count", "masks", "threads")
FEWEST_CASES = 20  # that folds can be made of


def parser_of(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.measuring.speed",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )

    def add(option: str, text: str, **how) -> None:
        parser.add_argument(option, help=text, **how)

    def add_list(option: str, name: str, text: str, **how) -> None:
        add(option, text, nargs="+", metavar=name, **how)

    add_list("--jobs", "JOB", f"of {', '.join(GROUPS)} (default: all)", choices=GROUPS, default=list(GROUPS))
    add_list("--models", "MODEL", "networks whose training steps are timed (default: the comparison's)")
    text = "sides of images; on a CPU all but the first are for the reference alone (default: 128 256)"
    add_list("--sizes", "PIXELS", text, type=int, default=[128, 256])
    text = "of our steps, float32 and bfloat16; the conventional ones are in float32 (default: what the device has)"
    add_list("--precisions", "PRECISION", text, choices=PRECISIONS)
    add("--repetitions", "turns of every way to do a job (default: 5)", type=int, default=5)
    add("--command-repetitions", "the same for verify and growth (default: 1)", type=int, default=1)
    add("--steps", "training steps of a turn (default: 2 on a CPU, 50 elsewhere)", type=int)
    text = "where image files lie; those missing are written there (default: a folder for the time being)"
    add("--images", text, type=Path, metavar="FOLDER")
    add("--image-count", "image files to train and validate on (default: 32)", type=int, default=32)
    add("--masks", "masks to score beside medpy (default: 647, as many as BUSI's)", type=int, default=647)
    text = "numbers of cases at which growth is measured (default: 100 647 1000 5000 20000)"
    add_list("--cases", "CASES", text, type=int, default=[100, 647, 1000, 5000, 20000])
    add("--threads", "of torch, and processes of verify (default: engine.threads of params.yaml)", type=int)
    add("--loader-workers", "processes that load the conventional script's images (default: --threads)", type=int)
    add("--device", "auto, cpu or cuda (default: auto)", default="auto")
    add("--params", f"parameters (default: {PARAMETERS})", type=Path, default=PARAMETERS)
    text = f"the table (default: {MEASURED}); page and figure are made of that one alone"
    add("--output", text, type=Path, default=MEASURED)
    return parser


def check(arguments: argparse.Namespace) -> None:
    """Raise `UserError` where a number makes no sense."""
    for option in COUNTS:
        value = getattr(arguments, option)
        if value is not None and value < 1:
            raise UserError(f"--{option.replace('_', '-')}: expected at least 1, found {value}.")
    if min(arguments.cases) < FEWEST_CASES:
        raise UserError(f"--cases: expected at least {FEWEST_CASES}, found {min(arguments.cases)}.")


def complete(arguments: argparse.Namespace, parameters: Parameters) -> None:
    """Put in what was not said and depends on the parameters.

    Raises:
        UserError: a model does not exist.
    """
    arguments.models = arguments.models or models_of(parameters)
    for model in arguments.models:
        parameters.model(model)
    arguments.threads = arguments.threads or parameters.engine.threads
    if arguments.loader_workers is None:
        arguments.loader_workers = arguments.threads


def settings_of(arguments: argparse.Namespace, parameters: Parameters, folder: Path) -> Settings:
    """What the training steps need; image files go below the folder, unless another was named.

    Raises:
        UserError: the device does not exist.
    """
    device = choose_device(arguments.device)
    at_home: list[Precision] = [precision for precision in PRECISIONS if precision == "float32" or has_bfloat16(device)]
    return Settings(
        parameters,
        arguments.images or folder / "images",
        device,
        arguments.precisions or at_home,
        arguments.steps or (2 if device.type == "cpu" else 50),
        arguments.repetitions,
        arguments.loader_workers,
    )
