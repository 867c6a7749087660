"""`acsbench check`: whether a network keeps what docs/contracts.md promises of it."""

from benchmarks.commands.app import CHECK, PARAMETERS, ParameterFile, app
from benchmarks.configuration import read_parameters


@app.command(name="check", group=CHECK)
def check_model(model: str, /, *, benchmark: str | None = None, params: ParameterFile = PARAMETERS) -> None:
    """Tell how a network keeps its contract.

    Each promise is tried in turn, in a minute, without data.

    Prints the count of parameters to enter, then of each promise whether it is kept, or what was expected, what was
    found and what to do. The contract test and a training's first seconds try the same. The exit status is 1 if any
    promise is broken.

    Args:
        model: Its name in params.yaml.
        benchmark: Try it at this benchmark's image size too, and by its recipe.
    """
    parameters = read_parameters(params)
    parameters.model(model)
    if benchmark is not None:
        parameters.benchmark(benchmark)
    from benchmarks.training.checks.verdicts import tell

    if tell(parameters, model, benchmark):
        raise SystemExit(1)
