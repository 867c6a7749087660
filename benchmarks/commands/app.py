"""The application that all commands belong to, and what their options have in common."""

import os
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Group, Parameter
from cyclopts.validators import Number

from benchmarks.configuration import PARAMETERS
from benchmarks.errors import entry_point

RUN = Group("Run", sort_key=1)
CHECK = Group("Check", sort_key=2)
ADD = Group("Add", sort_key=3)
USE = Group("Use", sort_key=4)
MEASURE = Group("Measure", sort_key=5)
HELP = Group("Help", sort_key=6)

# Arguments that several commands have, each with one name and one text.
BenchmarkName = Annotated[str, Parameter(help="A benchmark of params.yaml.")]
ModelName = Annotated[str, Parameter(help="A model of params.yaml.")]
DatasetName = Annotated[str, Parameter(help="A dataset that `benchmarks/datasets/` reads, such as busi.")]
ParameterFile = Annotated[Path, Parameter(name="--params", help="Parameters: params.yaml, or the same as JSON.")]
Folds = Annotated[list[int] | None, Parameter(help="These folds only.")]
Seeds = Annotated[list[int] | None, Parameter(help="These seeds only.")]
AtLeastOne = Number(gte=1)
Workers = Annotated[
    int | None,
    Parameter(help="Processes side by side; as many as there are processors by default.", validator=AtLeastOne),
]

WRONG_USAGE = 2  # the exit status of what was typed wrong, as other programs have it


__all__ = [
    "ADD",
    "CHECK",
    "MEASURE",
    "PARAMETERS",
    "RUN",
    "USE",
    "AtLeastOne",
    "BenchmarkName",
    "DatasetName",
    "Folds",
    "ModelName",
    "ParameterFile",
    "Seeds",
    "Workers",
    "app",
    "processes",
]


def processes(workers: int | None) -> int:
    """So many as were asked for, else as many as there are processors."""
    return workers or os.cpu_count() or 1


def name_as_typed() -> str:
    """`acsbench`, or what was typed in its place."""
    return "acsbench" if Path(sys.argv[0]).stem == "acsbench" else "python -m benchmarks"


def worth_showing(default: object) -> str | None:
    """A default value as help shows it; none where it says nothing."""
    if default is None or default is False:
        return None
    return " ".join(map(str, default)) if isinstance(default, list | tuple) else str(default)


def one_line(error: CycloptsError) -> str:
    """What was typed wrong, as all other errors are told."""
    job = " ".join(error.command_chain or ())
    return f"error: {' '.join(str(error).split())} See `{' '.join(filter(None, [name_as_typed(), job]))} --help`."


app = App(
    name=name_as_typed(),
    help="Joint segmentation and classification of breast ultrasound: run, check and extend the benchmark.",
    version_flags=(),
    default_parameter=Parameter(consume_multiple=True, negative=(), show_default=worth_showing),
    exit_on_error=False,
    print_error=False,
)
app["--help"].group = (HELP,)


def load_commands() -> None:
    """Make all commands known: each file registers what it holds."""
    from benchmarks.commands import (  # noqa: F401
        add,
        bundle,
        check,
        check_model,
        export,
        launch,
        measure,
        predict,
        reference,
        release,
        run,
        weights,
    )


@entry_point
def main() -> None:
    """Run the command that was typed."""
    # Before torch is loaded: its threads would otherwise wait for each other by counting, and beside other
    # work each step of a training took four times as long (docs/speed-goals.md).
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    load_commands()
    try:
        app()
    except CycloptsError as error:
        print(one_line(error), file=sys.stderr)
        raise SystemExit(WRONG_USAGE) from error
