"""Jobs that take training to a borrowed machine and back; how: docs/bundle.md."""

from pathlib import Path

from benchmarks.commands.app import PARAMETERS, RUN, Folds, ParameterFile, Seeds, app
from benchmarks.configuration import read_parameters


@app.command(group=RUN)
def bundle(
    benchmarks: tuple[str, ...] = (),
    /,
    *,
    cells: tuple[str, ...] = (),
    folds: Folds = None,
    seeds: Seeds = None,
    minutes: float = 9,
    megabytes: float = 60,
    wheel: tuple[Path, ...] = (),
    out: Path,
    params: ParameterFile = PARAMETERS,
) -> None:
    """Pack trainings for a borrowed machine into one archive.

    There, `python run.py` works through its list of runs and writes one archive, which `absorb` enters here. Runs that
    are here are left out; interrupted ones go on there.

    Args:
        benchmarks: Their names in params.yaml; all models that a study compares on them.
        cells: BENCHMARK/MODEL instead, for some models of a benchmark.
        minutes: That the machine is lent for.
        megabytes: That an archive may have, there and back.
        wheel: Wheels of packages that the machine lacks, such as mmcv with CUDA kernels (`make mmcv CUDA=1`).
        out: The archive to write, a zip file.
    """
    parameters = read_parameters(params)
    for name in benchmarks:
        parameters.benchmark(name)
    from benchmarks.bundle.pack import Asked, pack

    pack(parameters, Asked(benchmarks, cells, folds, seeds, minutes, megabytes, wheel), out)


@app.command(group=RUN)
def absorb(archive: Path, /, *, params: ParameterFile = PARAMETERS) -> None:
    """Enter what a bundle's work brought back.

    Whole runs of today's code, parameters and data are entered, and DVC is told; interrupted ones are kept for the next
    bundle. What is refused is named, with the reason, and the exit status is 1.

    Args:
        archive: What `python run.py` wrote.
    """
    parameters = read_parameters(params)
    from benchmarks.bundle.absorb import absorb as enter

    enter(parameters, archive)
