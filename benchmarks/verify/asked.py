"""Which cell is to be trained anew. Imports next to nothing, so that a wrong name is refused at once."""

from pathlib import Path

from benchmarks.configuration import read_parameters
from benchmarks.configuration.known import unknown
from benchmarks.configuration.stages import way_to
from benchmarks.errors import UserError


def read_cell(text: str, root: Path) -> tuple[str, str]:
    """Benchmark and model of `BENCHMARK/MODEL`.

    Raises:
        UserError: there is no such benchmark, it has no stored scores of the model, or its data are not prepared.
    """
    benchmark, _, model = text.partition("/")
    read_parameters(root / "params.yaml").benchmark(benchmark)
    cases, prepared = root / "reports" / "cases" / benchmark, root / "prepared" / "benchmarks" / benchmark
    if not (cases / f"{model}.csv").is_file() or not stored_scores(benchmark, root).is_file():
        known = sorted(path.stem for path in cases.glob("*.csv"))
        raise UserError(
            f"--cell: expected BENCHMARK/MODEL with stored scores and tables, found {text!r}: "
            + unknown(known, model, f"model with scores on {benchmark}", f"`ls {cases}`")
        )
    if not prepared.is_dir():
        way = way_to("split", benchmark, root=root)
        raise UserError(f"{prepared}: not there, and needed to train. Run {way} first.")
    return benchmark, model


def stored_scores(benchmark: str, root: Path) -> Path:
    """The table whose intervals judge the cell."""
    return root / "reports" / "tables" / benchmark / "scores.csv"
