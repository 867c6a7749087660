"""Which model and which files are meant, before anything heavy is loaded."""

from pathlib import Path

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


def check_images(images: list[Path]) -> None:
    """One missing file among others is refused by name as the others are predicted; that nothing is there, at once.

    Raises:
        UserError: none of them exists.
    """
    if not any(path.exists() for path in images):
        names = ", ".join(map(str, images[:5])) + ("" if len(images) <= 5 else f" and {len(images) - 5} more")
        raise UserError(f"{names}: expected images or folders of images, found nothing there. Look at the path.")


def read_cell_name(text: str, parameters: Parameters) -> tuple[str, str]:
    """Benchmark and model of `BENCHMARK/MODEL`.

    Raises:
        UserError: it has another form, or a name is unknown.
    """
    benchmark, model = read_name(text, None, parameters)
    if benchmark is None:
        raise UserError(f"{text}: expected BENCHMARK/MODEL, such as {next(iter(parameters.benchmarks))}/{model}.")
    return benchmark, model
