"""What is to be measured, and what the training steps need of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.measuring.speed.steps import Precision, Settings, models_of
from benchmarks.training.cell import choose_device
from benchmarks.training.precision import has_bfloat16

Group = Literal["steps", "validation", "scoring", "verify", "growth", "predict"]
GROUPS: tuple[Group, ...] = get_args(Group)  # the shortest first
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
FEWEST_CASES = 20  # that folds can be made of


@dataclass(frozen=True)
class Asked:
    """The arguments of `acsbench speed`, whose help says what each is; None is left to parameters and device."""

    jobs: Sequence[Group] = GROUPS
    models: Sequence[str] | None = None
    sizes: Sequence[int] = (128, 256)
    precisions: Sequence[Precision] | None = None
    repetitions: int = 5
    command_repetitions: int = 1
    steps: int | None = None
    images: Path | None = None
    image_count: int = 32
    mask_count: int = 647
    cases: Sequence[int] = (100, 647, 1000, 5000, 20000)
    predicted: Sequence[int] = (1, 300, 1000)
    threads: int | None = None
    loader_workers: int | None = None
    device: str = "auto"


@dataclass(frozen=True)
class Plan:
    """What was asked for, with all that was left open filled in."""

    asked: Asked
    models: Sequence[str]
    threads: int
    settings: Settings


def planned(asked: Asked, parameters: Parameters, folder: Path) -> Plan:
    """Fill in what depends on the parameters and the device; image files go below the folder, unless one was named.

    Raises:
        UserError: a model or the device does not exist, or folds cannot be made of so few cases.
    """
    if min(asked.cases) < FEWEST_CASES:
        raise UserError(f"--cases: expected at least {FEWEST_CASES}, found {min(asked.cases)}.")
    models = asked.models or models_of(parameters)
    for model in models:
        parameters.model(model)
    threads, device = asked.threads or parameters.engine.threads, choose_device(asked.device)
    at_home: list[Precision] = [precision for precision in PRECISIONS if precision == "float32" or has_bfloat16(device)]
    settings = Settings(
        parameters,
        asked.images or folder / "images",
        device,
        list(asked.precisions or at_home),
        asked.steps or (2 if device.type == "cpu" else 50),
        asked.repetitions,
        threads if asked.loader_workers is None else asked.loader_workers,
    )
    return Plan(asked, models, threads, settings)
