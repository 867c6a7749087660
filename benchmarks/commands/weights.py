"""Weights of trained networks: written for others, fetched, compared."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from benchmarks.commands.app import PARAMETERS, USE, ParameterFile, app
from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError

weights = App(
    name="weights",
    group=USE,
    help="Write trained networks for others, fetch them, compare them.",
    default_parameter=app.default_parameter,
)
app.command(weights)

CellName = Annotated[str, Parameter(help="BENCHMARK/MODEL, as in params.yaml.")]
SHIPPED = Path("weights")


@weights.command
def export(
    cell: CellName,
    /,
    *,
    half: bool = False,
    packed: bool = False,
    out: Path = SHIPPED,
    params: ParameterFile = PARAMETERS,
) -> None:
    """Write a cell's trained networks as safetensors, a file for each fold and seed, with all that using them takes.

    Args:
        half: Store most weights in half precision: about half the bytes. `acsbench weights check` tells what changes.
        packed: Store most weights in ten or twelve bits instead: about a third of the bytes.
        out: Folder; the files lie in OUT/BENCHMARK/MODEL/.
    """
    parameters = read_parameters(params)
    from benchmarks.prediction.names import read_cell_name

    benchmark, model = read_cell_name(cell, parameters)
    if half and packed:
        raise UserError("--half and --packed: expected one of them.")
    from benchmarks.prediction.export import export

    export(parameters, benchmark, model, out, "packed" if packed else "float16" if half else "float32")


@weights.command
def get(source: str, /, *, out: Path = SHIPPED) -> None:
    """Fetch weights that someone exported. What is there and right is kept; a download that broke off goes on.

    Args:
        source: Folder or http(s) address that holds SHA256SUMS and the files; or BENCHMARK/MODEL, of the mirror that
            the environment variable BUS_DATA_MIRROR names.
        out: Folder; the files go to OUT/BENCHMARK/MODEL/.
    """
    from benchmarks.prediction.sources import located

    located(source)
    from benchmarks.prediction.fetch import get

    get(source, out)


@weights.command
def check(cell: CellName, /, *, folder: Path = SHIPPED, params: ParameterFile = PARAMETERS) -> None:
    """Tell what storing weights has changed: Dice of each test case against the predictions that training stored.

    Needs the prepared benchmark. The exit status is 1 where the mean Dice has moved by .001 or more.

    Args:
        folder: Of the exported weights.
    """
    parameters = read_parameters(params)
    from benchmarks.prediction.names import read_cell_name

    benchmark, model = read_cell_name(cell, parameters)
    from benchmarks.prediction.compare import compare, summary

    lines, within = summary(compare(parameters, benchmark, model, folder))
    print("\n".join(lines))
    raise SystemExit(not within)
