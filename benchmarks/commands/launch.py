"""Many runs on many machines."""

from pathlib import Path
from typing import Literal

from benchmarks.commands.app import PARAMETERS, RUN, Folds, ParameterFile, Seeds, app
from benchmarks.configuration import read_parameters


@app.command(group=RUN)
def launch(
    *benchmarks: str,
    models: list[str] | None = None,
    folds: Folds = None,
    seeds: Seeds = None,
    on: Literal["local", "ray", "slurm"] = "local",
    workers: int | None = None,
    attempts: int = 2,
    address: str | None = None,
    options: Path | None = None,
    dry_run: bool = False,
    params: ParameterFile = PARAMETERS,
) -> None:
    """Train runs as processes, on Ray or on Slurm.

    Runs that are there are kept, interrupted ones go on from their last finished epoch, and those whose weights others
    start from go first. It can be stopped and started again. What is trained is entered in reports/, and DVC is told.
    At the end, the runs that failed are named, and the exit status is 1.

    Args:
        benchmarks: Their names in params.yaml.
        models: These models only, and what they start from; by default those that the studies compare.
        on: Processes of this machine, tasks of a Ray cluster, or jobs of Slurm.
        workers: Runs at a time; by default as engine in params.yaml says, on Slurm as the options say.
        attempts: How often a run is tried before it counts as failed.
        address: Of a Ray cluster; by default one of this machine is started for the launch.
        options: YAML with what each run asks of the cluster (docs/scaling.md lists the keys).
        dry_run: Print every run, where it stands and what it costs, and do nothing.
    """
    parameters = read_parameters(params)
    for benchmark in benchmarks:
        parameters.benchmark(benchmark)
    for model in models or []:
        parameters.model(model)
    from benchmarks.errors import UserError
    from benchmarks.launch.launch import How, launch

    if not benchmarks:
        raise UserError("Name at least one benchmark of params.yaml: acsbench launch BENCHMARK ...")
    how = How(on, workers, attempts, address, options)
    launch(parameters, list(benchmarks), models, folds, seeds, how, dry_run)
