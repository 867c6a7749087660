"""The application that all commands belong to, and what their options have in common."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Group, Parameter

from benchmarks.configuration import PARAMETERS
from benchmarks.errors import entry_point

RUN = Group("Run", sort_key=1)
CHECK = Group("Check", sort_key=2)
ADD = Group("Add", sort_key=3)
USE = Group("Use", sort_key=4)
MEASURE = Group("Measure", sort_key=5)

# Options that several commands have, each with one name and one text.
ParameterFile = Annotated[Path, Parameter(name="--params", help="Parameters: params.yaml, or the same as JSON.")]
Folds = Annotated[list[int] | None, Parameter(help="These folds only.")]
Seeds = Annotated[list[int] | None, Parameter(help="These seeds only.")]
Workers = Annotated[int | None, Parameter(help="Processes side by side; as many as there are processors by default.")]


def name_as_typed() -> str:
    """`acsbench`, or what was typed in its place."""
    return "acsbench" if Path(sys.argv[0]).stem == "acsbench" else "python -m benchmarks"


def worth_showing(default: object) -> str | None:
    """A default value as help shows it; none where it says nothing."""
    return None if default is None or default is False else str(default)


def one_line(error: CycloptsError) -> str:
    """What was typed wrong, as all other errors are told."""
    return f"error: {error} `{name_as_typed()} --help` lists what there is."


app = App(
    name=name_as_typed(),
    help="Joint segmentation and classification of breast ultrasound: run, check and extend the benchmark.",
    version_flags=(),
    default_parameter=Parameter(consume_multiple=True, negative=(), show_default=worth_showing),
    error_formatter=one_line,
)

__all__ = ["ADD", "CHECK", "MEASURE", "PARAMETERS", "RUN", "USE", "Folds", "ParameterFile", "Seeds", "Workers", "app"]


@entry_point
def main() -> None:
    """Run the command that was typed."""
    from benchmarks.commands import check, check_model, export, run  # noqa: F401  (they register what they hold)

    app()
