"""Which runs a launch is about, in the order in which they can be trained, and where each stands."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.launch.runs import Run, epochs_done, fault_of, is_done
from benchmarks.training.cell import Cell, declared_cell
from benchmarks.training.checks.trial import check_network
from benchmarks.training.collect import entered_runs
from benchmarks.training.data import FILES, PREPARED
from benchmarks.training.entries import LOCAL, read_committed, read_entries
from benchmarks.training.fingerprints import code_digest, read_cell, stated_digest
from benchmarks.training.run import run_fingerprint
from benchmarks.training.train import choose_runs, in_order

State = Literal["kept", "entered", "resumed", "new", "unknown"]


@dataclass(frozen=True)
class Planned:
    """A run and where it stands.

    `kept`: on disk and whole. `entered`: not on disk, but its rows are in reports/. `resumed`: interrupted after
    `epochs_done`. `new`: nothing of it counts. `unknown`: its code is not measured or its data not prepared here.
    """

    run: Run
    state: State
    epochs_done: int = 0
    note: str = ""  # what was refused, and why

    @property
    def waits(self) -> bool:
        return self.state not in ("kept", "entered")

    @property
    def epochs_left(self) -> int:
        return self.run.epochs - self.epochs_done if self.waits else 0


def chosen_models(parameters: Parameters, benchmark: str, models: list[str] | None) -> list[str]:
    """The models asked for, by default those of the studies, each after those that it starts from.

    Raises:
        UserError: one is unknown, or no study names any.
    """
    asked = models or parameters.models_of(benchmark)
    if not asked:
        raise UserError(
            f"No study of params.yaml enables {benchmark}. Name its models with --models, or add it to `studies`."
        )
    return list(dict.fromkeys(name for model in asked for name in in_order(parameters, model)))


def plan(
    parameters: Parameters,
    benchmarks: list[str],
    models: list[str] | None,
    folds: list[int] | None,
    seeds: list[int] | None,
    measure: bool = True,
) -> list[Planned]:
    """Every run of a launch, those that others start from first.

    Args:
        parameters: of `params.yaml`.
        benchmarks: which benchmarks.
        models: which models; those of the studies by default.
        folds, seeds: which of the benchmarks'; all by default.
        measure: whether to measure what the code of a cell computes where that is not on file, which takes a while and
            leaves an entry in runs/. Else the runs of such a cell are `unknown`.

    Raises:
        UserError: a name, fold or seed is unknown, a network cannot be built, or a benchmark is not prepared.
    """
    runs = []
    for benchmark in dict.fromkeys(benchmarks):
        for model in chosen_models(parameters, benchmark, models):
            if measure:
                check_network(parameters, model)
            cell = read_cell(parameters, benchmark, model) if measure else known_cell(parameters, benchmark, model)
            fingerprint = fingerprint_of(cell)
            if measure and not fingerprint:
                raise UserError(
                    f"{PREPARED / benchmark}: expected {', '.join(FILES)}. Run `dvc repro split@{benchmark}` first; "
                    f"for a benchmark that no study enables, `acsbench split {benchmark}`."
                )
            runs += [Run(cell, seed, fold, fingerprint) for seed, fold in choose_runs(cell, folds, seeds)]
    return needed([state_of(run) for run in runs])


def known_cell(parameters: Parameters, benchmark: str, model: str) -> Cell:
    """The cell of two names, with the fingerprint that is on file for its code, or none."""
    cell, name = declared_cell(parameters, benchmark, model), f"{benchmark}-{model}"
    wanted = stated_digest(parameters, benchmark, model), code_digest(parameters, benchmark, model)
    for entries in (read_committed(), read_entries(LOCAL)):
        if name in entries and (entries[name].stated, entries[name].code) == wanted:
            return dataclasses.replace(cell, fingerprint=entries[name].fingerprint)
    return cell


def fingerprint_of(cell: Cell) -> str:
    """The fingerprint of a cell's runs, empty where its code is not measured or its data not prepared here."""
    prepared = all((PREPARED / cell.benchmark_name / name).is_file() for name in FILES)
    return run_fingerprint(cell) if cell.fingerprint and prepared else ""


def state_of(run: Run) -> Planned:
    if not run.fingerprint:
        return Planned(run, "unknown")
    if is_done(run):
        fault = fault_of(run)
        return Planned(run, "new", note=fault) if fault else Planned(run, "kept", run.epochs)
    if (run.seed, run.fold) in entered_runs(run.cell, run.fingerprint):
        return Planned(run, "entered", run.epochs)
    done = epochs_done(run)
    return Planned(run, "resumed", done) if done else Planned(run, "new")


def needed(found: Iterable[Planned]) -> list[Planned]:
    """The same runs, but those whose weights a run that waits starts from are trained even if they are entered."""
    found = list(found)
    wanted = {source for planned in found if planned.waits for source in planned.run.sources}
    again = [
        Planned(p.run, "new", note="entered, but its weights are not here, and others start from them")
        if p.state == "entered" and p.run.key in wanted
        else p
        for p in found
    ]
    return again if again == found else needed(again)
