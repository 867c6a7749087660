"""Which model is meant, before anything heavy is loaded."""

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError


def read_name(text: str, benchmark: str | None, parameters: Parameters) -> tuple[str | None, str]:
    """Benchmark, where one is named, and model of `MODEL` or `BENCHMARK/MODEL`.

    Raises:
        UserError: a name is unknown, or two benchmarks are named.
    """
    before, slash, model = text.rpartition("/")
    if slash and benchmark and benchmark != before:
        raise UserError(f"{text}: of the benchmark {before}, but --benchmark says {benchmark}. Name one of them.")
    named = before if slash else benchmark
    if named is not None:
        parameters.benchmark(named)
    parameters.model(model)
    return named, model


def read_cell_name(text: str, parameters: Parameters) -> tuple[str, str]:
    """Benchmark and model of `BENCHMARK/MODEL`.

    Raises:
        UserError: it has another form, or a name is unknown.
    """
    benchmark, model = read_name(text, None, parameters)
    if benchmark is None:
        raise UserError(f"{text}: expected BENCHMARK/MODEL, such as {next(iter(parameters.benchmarks))}/{model}.")
    return benchmark, model
