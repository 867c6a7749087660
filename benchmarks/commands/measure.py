"""Jobs that measure what things cost, on a quiet machine; each writes its table and the page that shows it."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from benchmarks.commands.app import MEASURE, PARAMETERS, AtLeastOne, ParameterFile, app
from benchmarks.configuration import read_parameters

Count = Annotated[int, Parameter(validator=AtLeastOne)]
OptionalCount = Annotated[int | None, Parameter(validator=AtLeastOne)]


@app.command(group=MEASURE)
def speed(
    *,
    jobs: list[Literal["steps", "validation", "scoring", "verify", "growth", "predict"]] | None = None,
    models: list[str] | None = None,
    sizes: tuple[Count, ...] = (128, 256),
    precisions: list[Literal["float32", "bfloat16"]] | None = None,
    repetitions: Count = 5,
    command_repetitions: Count = 1,
    steps: OptionalCount = None,
    images: Path | None = None,
    image_count: Count = 32,
    mask_count: Count = 647,
    cases: tuple[Count, ...] = (100, 647, 1000, 5000, 20000),
    predicted: tuple[Count, ...] = (1, 300, 1000),
    threads: OptionalCount = None,
    loader_workers: Annotated[int | None, Parameter(validator=Number(gte=0))] = None,
    device: str = "auto",
    output: Path = Path("reports/speed.csv"),
    params: ParameterFile = PARAMETERS,
) -> None:
    """Measure how fast each job is on this machine.

    Ours and the conventional way take turns, so that whatever else the machine does meets both. Medians, least and most
    of each job take the place of what this machine had measured before; then docs/speed.md and
    reports/figures/speed.svg are made anew.

    Args:
        jobs: These jobs only.
        models: Models whose training steps are timed; the comparison's by default.
        sizes: Sides of images in pixels; on a CPU all but the first are for the reference alone.
        precisions: Of our steps (the conventional ones are in float32); what the device has by default.
        repetitions: Turns of every way to do a job.
        command_repetitions: The same for verify, growth and predict.
        steps: Training steps of a turn; 2 on a CPU, 50 elsewhere by default.
        images: Where image files lie, those missing are written there; a folder for the time being by default.
        image_count: Image files to train and validate on.
        mask_count: Masks to score beside medpy, as many as BUSI's by default.
        cases: Numbers of cases at which growth is measured.
        predicted: Numbers of images that the network of this repository predicts.
        threads: Of torch, and processes of verify; engine.threads of the parameters by default.
        loader_workers: Processes that load the conventional script's images; as many as threads by default.
        device: One of auto, cpu and cuda.
        output: The table to write; page and figure are made of the default one alone.
    """
    parameters = read_parameters(params)
    for model in models or []:
        parameters.model(model)
    from benchmarks.measuring.speed.asked import GROUPS, Asked
    from benchmarks.measuring.speed.measure import measure_speed

    asked = Asked(
        jobs=jobs or GROUPS,
        models=models,
        sizes=sizes,
        precisions=precisions,
        repetitions=repetitions,
        command_repetitions=command_repetitions,
        steps=steps,
        images=images,
        image_count=image_count,
        mask_count=mask_count,
        cases=cases,
        predicted=predicted,
        threads=threads,
        loader_workers=loader_workers,
        device=device,
    )
    print(measure_speed(asked, parameters, output))


@app.command(group=MEASURE)
def networks(*, models: list[str] | None = None, params: ParameterFile = PARAMETERS) -> None:
    """Measure what each network costs.

    It goes into docs/networks.md. Networks are measured whose code or arguments have changed, or that have not been
    measured.

    Args:
        models: Models to measure anew, also where nothing has changed.
    """
    parameters = read_parameters(params)
    for model in models or []:
        parameters.model(model)
    from benchmarks.measuring.networks import PAGE, write_networks

    print(f"{PAGE}: {write_networks(parameters, models or [])} networks.")


@app.command(group=MEASURE)
def balancing(*, repetitions: Count = 4, params: ParameterFile = PARAMETERS) -> None:
    """Measure what each balancing rule adds to a step.

    It goes into docs/loss-balancing.md.

    Args:
        repetitions: Turns of all rules, of two steps each.
    """
    parameters = read_parameters(params)
    from benchmarks.measuring.balancing import PAGE, write_balancing

    print(f"{PAGE}: {write_balancing(parameters, repetitions)} rules.")


@app.command(group=MEASURE)
def statistics(*, model_count: Count = 10, seed_count: Count = 3, fold_count: Count = 5) -> None:
    """Measure what the statistics of a benchmark cost.

    Seconds and memory, on made-up scores.

    Args:
        model_count: Its models.
        seed_count: Its seeds.
        fold_count: Its folds.
    """
    from benchmarks.measuring.statistics import measure_statistics

    print(measure_statistics(model_count, seed_count, fold_count))


@app.command(group=MEASURE)
def scaling(*, params: ParameterFile = PARAMETERS) -> None:
    """Write what the full benchmarks cost into docs/scaling.md.

    From the parameters, the folds and the measured seconds of reports/speed.csv.
    """
    parameters = read_parameters(params)
    from benchmarks.launch.scaling import PAGE, write_tables

    write_tables(parameters)
    print(PAGE)
