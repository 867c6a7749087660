"""A training stage whose runs go through the launcher: what `acsbench train` does where `engine.launcher` says so."""

from pathlib import Path

from benchmarks.configuration import Parameters
from benchmarks.launch.launch import How, tell_failures
from benchmarks.launch.launch import train as train_planned
from benchmarks.launch.plan import plan
from benchmarks.training.collect import collect
from benchmarks.training.run import remove_run


def train(
    parameters: Parameters,
    benchmark: str,
    model: str,
    folds: list[int] | None = None,
    seeds: list[int] | None = None,
    anew: bool = False,
    insist: bool = False,
) -> None:
    """Train a cell at `engine.launcher`, as `benchmarks.training.train` does here, and write its report files.

    `dvc repro` itself tells DVC. `engine.hours_limit` does not apply: it is about this machine alone. A cluster's
    address is Ray's own `RAY_ADDRESS`.

    Args:
        parameters: of `params.yaml`; `engine.launcher` is not `none`.
        benchmark, model: the cell; what its model starts from is trained before it.
        folds, seeds: which runs; all by default.
        anew: whether to train runs that are finished once more.
        insist: no matter here.

    Raises:
        UserError: something asked for is unknown, or runs failed.
        ValueError: `engine.launcher` is `none`.
    """
    engine = parameters.engine
    options = None if engine.launcher_options is None else Path(engine.launcher_options)
    if engine.launcher == "none":
        raise ValueError("engine.launcher is none: nothing to launch at")
    how = How(on=engine.launcher, options=options)
    planned = plan(parameters, [benchmark], [model], folds, seeds)
    if anew:
        for p in planned:
            if p.run.cell.model_name == model:
                remove_run(p.run.cell, p.run.seed, p.run.fold)
        planned = plan(parameters, [benchmark], [model], folds, seeds)
    failures = train_planned(planned, how, engine)
    tell_failures(failures, len(planned))
    asked = next(p.run for p in planned if p.run.cell.model_name == model)
    collect(
        asked.cell,
        asked.fingerprint,
        partial=sum(p.run.cell.model_name == model for p in planned) < len(asked.cell.runs),
    )
