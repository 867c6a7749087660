"""Jobs that make results; those of the pipeline are called as its stages are."""

from benchmarks.commands.app import PARAMETERS, RUN, Folds, ParameterFile, Seeds, app
from benchmarks.configuration import read_parameters


@app.command(group=RUN)
def train(
    benchmark: str,
    model: str,
    /,
    *,
    folds: Folds = None,
    seeds: Seeds = None,
    anew: bool = False,
    insist: bool = False,
    params: ParameterFile = PARAMETERS,
) -> None:
    """Train every fold and seed of one model on one benchmark.

    Runs that are whole are kept, a run that was interrupted goes on from its last finished epoch. The cells that a model
    starts from (`initialise_from`) are trained before it where they are not yet there.

    Args:
        benchmark: Its name in params.yaml.
        model: Its name in params.yaml.
        anew: Train runs that are finished once more.
        insist: Train even past engine.hours_limit.
    """
    parameters = read_parameters(params)
    parameters.benchmark(benchmark)
    parameters.model(model)
    if parameters.engine.launcher == "none":
        from benchmarks.training.train import train
    else:
        from benchmarks.launch.stage import train

    train(parameters, benchmark, model, folds, seeds, anew=anew, insist=insist)
