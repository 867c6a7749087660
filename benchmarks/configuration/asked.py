"""What a command was asked for, checked against the parameters before anything slow is imported or done."""

from collections.abc import Sequence

from benchmarks.configuration.declared import Benchmark, Parameters
from benchmarks.configuration.known import PARAMETERS
from benchmarks.errors import UserError


def check_cell(
    parameters: Parameters,
    benchmark: str,
    model: str,
    folds: Sequence[int] | None = None,
    seeds: Sequence[int] | None = None,
) -> None:
    """Check the names of a cell and the runs that were asked for.

    Raises:
        UserError: there is no such benchmark or model, or the benchmark has no such fold or seed.
    """
    chosen = parameters.benchmark(benchmark)
    parameters.model(model)
    check_runs(benchmark, chosen, folds, seeds)


def check_runs(name: str, benchmark: Benchmark, folds: Sequence[int] | None, seeds: Sequence[int] | None) -> None:
    """Raise `UserError` where a fold or seed is not among the benchmark's."""
    for kind, asked, known in (("fold", folds, benchmark.folds), ("seed", seeds, benchmark.training.seeds)):
        if strange := [number for number in asked or [] if number not in known]:
            untrained = kind == "fold" and strange[0] in range(benchmark.split.folds)
            hint = f" To train it, add it to benchmarks.{name}.trained_folds in {PARAMETERS}." if untrained else ""
            raise UserError(f"{name} has no {kind} {strange[0]}; it has {', '.join(map(str, known))}.{hint}")


def chosen_datasets(name: str, benchmark: Benchmark, asked: Sequence[str] | None) -> list[str]:
    """Of the other datasets that a benchmark is tested on those asked for, all by default.

    Raises:
        UserError: it names none, or not those.
    """
    where = f"{PARAMETERS}: benchmarks.{name}.test_on"
    if not benchmark.test_on:
        raise UserError(f"{where}: expected datasets to test on, such as [breast, busbra-500]; it names none.")
    if strange := [dataset for dataset in asked or [] if dataset not in benchmark.test_on]:
        raise UserError(f"{where}: {strange[0]} is not among them; they are {', '.join(benchmark.test_on)}.")
    return [dataset for dataset in benchmark.test_on if not asked or dataset in asked]
