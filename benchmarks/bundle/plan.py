"""Which runs a bundle holds, and in which order."""

from collections.abc import Iterable, Sequence

from benchmarks.bundle.runs import Run
from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.training.cell import Cell
from benchmarks.training.collect import entered_runs
from benchmarks.training.run import is_finished, run_fingerprint
from benchmarks.training.train import choose_runs, in_order

Names = tuple[str, str]  # benchmark, model

ORDER = "first seed before second, first fold before second; within a fold the references before what is compared \
with them, then as in params.yaml"


def asked_cells(parameters: Parameters, benchmarks: Sequence[str], cells: Iterable[str]) -> list[Names]:
    """The cells asked for, those that others start from before these.

    Args:
        parameters: of `params.yaml`.
        benchmarks: all models that the studies compare on each, where no cell of it is named.
        cells: `BENCHMARK/MODEL`.

    Raises:
        UserError: a name is unknown, or a benchmark has neither a study nor a cell that is named.
    """
    named = [read_names(parameters, cell) for cell in cells]
    order = dict.fromkeys([*benchmarks, *(benchmark for benchmark, _ in named)])
    if not order:
        raise UserError("expected a benchmark, or --cells BENCHMARK/MODEL; found neither.")
    found: list[Names] = []
    for benchmark in order:
        models = [model for b, model in named if b == benchmark] or parameters.models_of(benchmark)
        if not models:
            raise UserError(
                f"{benchmark}: no study of params.yaml compares models on it. Name them: --cells {benchmark}/MODEL ..."
            )
        for model in references_first(parameters, benchmark, models):
            found += [(benchmark, name) for name in in_order(parameters, model)]
    return list(dict.fromkeys(found))


def read_names(parameters: Parameters, cell: str) -> Names:
    """Raises `UserError` where `cell` is no BENCHMARK/MODEL of params.yaml."""
    benchmark, slash, model = cell.partition("/")
    if not slash:
        raise UserError(f"--cells: expected BENCHMARK/MODEL, found {cell!r}.")
    parameters.benchmark(benchmark)
    parameters.model(model)
    return benchmark, model


def references_first(parameters: Parameters, benchmark: str, models: list[str]) -> list[str]:
    """Models in the order of params.yaml, but what others are compared with before these."""
    references = parameters.references_of(benchmark)
    position = {name: number for number, name in enumerate(parameters.models)}
    return sorted(models, key=lambda model: (model not in references, position[model]))


def waiting_runs(cells: Sequence[Cell], folds: list[int] | None, seeds: list[int] | None) -> list[Run]:
    """The runs of cells that are not kept yet, in the order `ORDER`.

    Raises:
        UserError: a fold or seed is not among a benchmark's.
    """
    runs = [
        (seed, fold, number, Run(cell.benchmark_name, cell.model_name, seed, fold))
        for number, cell in enumerate(cells)
        for seed, fold in choose_runs(cell, folds, seeds)
        if not is_kept(cell, seed, fold)
    ]
    return [run for *_, run in sorted(runs)]


def is_kept(cell: Cell, seed: int, fold: int) -> bool:
    """Whether a run of today's version is here: its folder, or its rows in the cell's report files."""
    fingerprint = run_fingerprint(cell)
    return is_finished(cell, seed, fold, fingerprint) or (seed, fold) in entered_runs(cell, fingerprint)
