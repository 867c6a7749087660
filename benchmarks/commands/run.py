"""Jobs that make results, in the order of the pipeline; each is called as its stage is."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from benchmarks.commands.app import (
    PARAMETERS,
    RUN,
    BenchmarkName,
    DatasetName,
    Folds,
    ModelName,
    ParameterFile,
    Seeds,
    Workers,
    app,
    processes,
)
from benchmarks.configuration import read_parameters
from benchmarks.configuration.asked import check_cell, chosen_datasets

REPORTS, EXTERNAL = Path("reports"), Path("reports/external")


@app.command(group=RUN)
def pipeline(*, check: bool = False, stop: bool = False) -> None:
    """Write dvc.yaml from params.yaml.

    After an edit of the studies or datasets in params.yaml, or of what a job imports. A stage that is gone and has left
    nothing leaves dvc.lock, too.

    Args:
        check: Write nothing; fail where dvc.yaml is out of step.
        stop: Fail after writing: DVC goes on with the dvc.yaml that it has read.
    """
    from benchmarks.errors import UserError
    from benchmarks.pipeline.write import check_pipeline, forget_gone_stages, write_pipeline

    if check:
        check_pipeline(Path())
        return
    written = write_pipeline(Path())
    if gone := forget_gone_stages(Path()):
        print(f"dvc.lock: taken out, as dvc.yaml has them no more and nothing of them is here: {', '.join(gone)}")
    if written:
        if stop:
            raise UserError(
                "dvc.yaml did not fit params.yaml. It has been written anew: run the same dvc command again."
            )
        print("dvc.yaml has been written anew.")


@app.command(group=RUN)
def download(dataset: DatasetName, /, *, keep_going: bool = False) -> None:
    """Download a dataset's published files and verify them.

    They go to downloads/. Where BUS_DATA_MIRROR is set, they come from that folder or address. What is there and right
    is kept.

    Args:
        keep_going: Note what cannot be had instead of failing.
    """
    from benchmarks.datasets import find_dataset

    find_dataset(dataset)
    from benchmarks.datasets.download import download_dataset

    download_dataset(dataset, keep_going)


@app.command(group=RUN)
def prepare(dataset: DatasetName, /, *, source: Annotated[Path | None, Parameter(name="--from")] = None) -> None:
    """Verify a dataset, decode it once and write it as arrays.

    Args:
        source: The folder of its files; data/DATASET by default.
    """
    from benchmarks.datasets import find_dataset

    cases = sum(find_dataset(dataset).counts.values())
    from benchmarks.datasets.prepare import prepare_dataset

    print(f"{dataset}: {cases} cases in {prepare_dataset(dataset, source)}")


@app.command(group=RUN)
def fingerprints(*, anew: bool = False, workers: Workers = None, params: ParameterFile = PARAMETERS) -> None:
    """Write down what the code of every cell computes.

    Of all cells of the studies. A cell trains again where its fingerprint has changed. Only what has changed in text is
    measured.

    Args:
        anew: Measure every cell, also where no text has changed.
    """
    parameters = read_parameters(params)
    from benchmarks.training.fingerprints import update

    update(parameters, anew, processes(workers))


@app.command(group=RUN)
def split(benchmark: BenchmarkName, /, *, params: ParameterFile = PARAMETERS) -> None:
    """Write a benchmark's folds and its images at its own size.

    Its dataset must be prepared.
    """
    parameters = read_parameters(params)
    parameters.benchmark(benchmark)
    from benchmarks.protocols.split import split_benchmark

    split_benchmark(parameters, benchmark)


@app.command(group=RUN)
def train(
    benchmark: BenchmarkName,
    model: ModelName,
    /,
    *,
    folds: Folds = None,
    seeds: Seeds = None,
    anew: bool = False,
    insist: bool = False,
    params: ParameterFile = PARAMETERS,
) -> None:
    """Train every fold and seed of one model on one benchmark.

    Runs that are whole are kept, a run that was interrupted goes on from its last finished epoch. The cells that a
    model starts from (`initialise_from`) are trained before it where they are not yet there.

    Args:
        anew: Train runs that are finished once more.
        insist: Train even past engine.hours_limit.
    """
    parameters = read_parameters(params)
    check_cell(parameters, benchmark, model, folds, seeds)
    if parameters.engine.launcher == "none":
        from benchmarks.training.train import train
    else:
        from benchmarks.launch.stage import train

    train(parameters, benchmark, model, folds, seeds, anew=anew, insist=insist)


@app.command(group=RUN)
def score(
    benchmark: BenchmarkName,
    /,
    *,
    workers: Workers = None,
    output: Path | None = None,
    params: ParameterFile = PARAMETERS,
) -> None:
    """Score the predictions of a benchmark's models.

    Those alone that have changed, or whose scoring has.

    Args:
        output: Write below this folder instead of reports/.
    """
    read_parameters(params).benchmark(benchmark)
    from benchmarks.scoring.score import score_benchmark

    told(score_benchmark(benchmark, output=output, workers=processes(workers), params=params))


@app.command(group=RUN)
def tables(benchmark: BenchmarkName, /, *, params: ParameterFile = PARAMETERS) -> None:
    """Make the tables of a benchmark from its stored scores."""
    read_parameters(params).benchmark(benchmark)
    from benchmarks.reporting.tables.write import write_tables

    write_tables(benchmark, Path(), REPORTS, params)


@app.command(group=RUN)
def figures(benchmark: BenchmarkName, /, *, anew: bool = False, params: ParameterFile = PARAMETERS) -> None:
    """Draw the figures of a benchmark from its stored tables.

    Only those are drawn whose code or numbers have changed.

    Args:
        anew: Draw every figure, also where nothing has changed.
    """
    read_parameters(params).benchmark(benchmark)
    from benchmarks.reporting.figures.real_images import write_local
    from benchmarks.reporting.figures.write import write_figures

    material, drawn = write_figures(benchmark, Path(), REPORTS, anew, progress=True, params=params)
    print(f"Drawn anew: {', '.join(drawn) or 'none, all are as they were'}.")
    if write_local(material, params):
        print(f"Real images for this machine alone: reports/local/{benchmark}/")


@app.command(group=RUN)
def prepare_external(dataset: DatasetName, size: int, /) -> None:
    """Write another dataset's cases at a benchmark's image size.

    Args:
        size: The side of the images in pixels, as the benchmark's image_size.
    """
    from benchmarks.datasets import find_dataset

    find_dataset(dataset)
    from benchmarks.protocols.external import write_external

    print(f"{dataset}: in {write_external(dataset, size)}")


@app.command(group=RUN)
def external(
    benchmark: BenchmarkName,
    model: ModelName,
    /,
    *,
    datasets: list[str] | None = None,
    folds: Folds = None,
    seeds: Seeds = None,
    params: ParameterFile = PARAMETERS,
) -> None:
    """Test a model's trained networks on other datasets.

    Args:
        datasets: These alone, of those that the benchmark names (test_on).
    """
    parameters = read_parameters(params)
    check_cell(parameters, benchmark, model, folds, seeds)
    chosen_datasets(benchmark, parameters.benchmark(benchmark), datasets)
    from benchmarks.training.external import predict_elsewhere

    predict_elsewhere(parameters, benchmark, model, datasets, folds, seeds)


@app.command(group=RUN)
def score_external(
    benchmark: BenchmarkName,
    /,
    *,
    workers: Workers = None,
    output: Path | None = None,
    params: ParameterFile = PARAMETERS,
) -> None:
    """Score what networks predict on other datasets.

    Those of a benchmark that names such datasets (test_on); what has not changed is left alone.

    Args:
        output: Write below this folder instead of reports/external/.
    """
    read_parameters(params).benchmark(benchmark)
    from benchmarks.scoring.external import score_external

    told(score_external(benchmark, output=output, workers=processes(workers), params=params))


@app.command(group=RUN)
def overlap(datasets: list[str], /) -> None:
    """Look for pictures that prepared datasets share.

    Args:
        datasets: Two or more of them.
    """
    from benchmarks.datasets import find_dataset

    for dataset in datasets:
        find_dataset(dataset)
    from benchmarks.datasets.overlap import write_overlap

    print(write_overlap(datasets).to_string(index=False))


@app.command(group=RUN)
def tables_external(benchmark: BenchmarkName, /, *, params: ParameterFile = PARAMETERS) -> None:
    """Make the tables of a benchmark on other datasets."""
    read_parameters(params).benchmark(benchmark)
    from benchmarks.reporting.tables.external import write_external_tables

    write_external_tables(benchmark, Path(), EXTERNAL, params)


@app.command(group=RUN)
def figures_external(*, params: ParameterFile = PARAMETERS) -> None:
    """Draw every network on every test set."""
    read_parameters(params)
    from benchmarks.reporting.figures.external import write_matrix

    write_matrix(Path(), EXTERNAL, params)


@app.command(group=RUN)
def cards(*, output: Path = REPORTS / "cards", params: ParameterFile = PARAMETERS) -> None:
    """Write a card for every dataset and every model.

    Args:
        output: The folder to write to.
    """
    read_parameters(params)
    from benchmarks.reporting.cards.write import write_cards

    print(f"{output}: {write_cards(Path(), output, params)} cards.")


@app.command(group=RUN)
def page(
    benchmarks: list[str], /, *, output: Path = REPORTS / "index.html", params: ParameterFile = PARAMETERS
) -> None:
    """Make one self-contained page of results.

    Args:
        benchmarks: Benchmarks of params.yaml, in the order in which they are to stand.
        output: The page to write.
    """
    parameters = read_parameters(params)
    for benchmark in benchmarks:
        parameters.benchmark(benchmark)
    from benchmarks.reporting.page.render import write_page

    write_page(benchmarks, output, params)
    print(f"The page: {output.resolve()}")


def told(result: dict[str, list[str]]) -> None:
    """Print what was scored, left alone and removed, a line each."""
    print("\n".join(f"{kind}: {', '.join(subjects)}" for kind, subjects in result.items() if subjects))
