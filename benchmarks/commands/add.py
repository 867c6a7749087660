"""Jobs that take in what was made elsewhere."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from benchmarks.commands.app import ADD, PARAMETERS, BenchmarkName, ModelName, ParameterFile, app
from benchmarks.configuration import read_parameters
from benchmarks.configuration.asked import check_cell


@app.command(group=ADD)
def collect(
    benchmark: BenchmarkName,
    model: ModelName,
    /,
    *,
    source: Annotated[Path | None, Parameter(name="--from")] = None,
    params: ParameterFile = PARAMETERS,
) -> None:
    """Enter a model's finished runs into reports/.

    Those of another machine too, once its runs/ folder has been copied here.

    Args:
        source: Another machine's runs/ folder to copy from first.
    """
    parameters = read_parameters(params)
    check_cell(parameters, benchmark, model)
    from benchmarks.training.collect import collect_cell

    collect_cell(parameters, benchmark, model, source)


@app.command(group=ADD)
def submit(
    benchmark: BenchmarkName,
    name: str,
    table: Path,
    /,
    *,
    masks: Path | None = None,
    params: ParameterFile = PARAMETERS,
) -> None:
    """Enter the predictions of a network from elsewhere.

    They take part in a benchmark's comparison; docs/submit-predictions.md says how the table looks.

    Args:
        name: What the network is called: lower-case letters, digits, - and _.
        table: CSV or Parquet: case, and any of seed, probability, mask.
        masks: A folder with a binary mask CASE.png for each case.
    """
    read_parameters(params).benchmark(benchmark)
    from benchmarks.scoring.predictions import some
    from benchmarks.scoring.submit import submit

    path, predictions = submit(benchmark, name, table, masks, params=params)
    print(f"{path}: {predictions['case'].nunique()} cases, seeds {some(predictions['seed'].unique())}.")
    print("Next: " + " && ".join(f"acsbench {job} {benchmark}" for job in ("score", "tables", "figures")))
