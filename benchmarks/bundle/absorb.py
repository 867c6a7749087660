"""Enter what a bundle's work brought back: whole runs into runs/ and reports/, interrupted ones for the next bundle.

Nothing of an archive is believed: its seal and manifest must fit its bytes, its paths must stay inside, each run must
be of today's code, parameters and data, and its predictions must be of the cases that its fold tests.
"""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.bundle.archive import check_seal, read_manifest
from benchmarks.bundle.results import DEVICE, WEIGHTS
from benchmarks.bundle.runs import EXTERNAL, Run
from benchmarks.configuration import Parameters
from benchmarks.datasets.unpacking import unpack
from benchmarks.errors import UserError
from benchmarks.launch.dvc_lock import commit, stages
from benchmarks.protocols.selection import RULES
from benchmarks.training import external, record
from benchmarks.training.cell import RUNS, Cell, choose_device
from benchmarks.training.collect import (
    WITHOUT_WEIGHTS,
    check_brought,
    collect,
    copy_beside_and_swap,
    entered_runs,
)
from benchmarks.training.data import PREPARED
from benchmarks.training.fingerprints import read_cell
from benchmarks.training.run import epochs_of_state, held_run, is_finished, run_fingerprint
from benchmarks.whole_files import write

REPORTS_OF_DEVICES = RUNS / "devices"  # what each machine said of itself
ENDS_OF_RUNS = ("whole", "resumable", "failed", "waiting")


@dataclass
class Absorbed:
    """What has become of an archive's runs, by name."""

    entered: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # interrupted, for the next bundle
    known: list[str] = field(default_factory=list)  # here before
    refused: dict[str, str] = field(default_factory=dict)  # and why


def absorb(parameters: Parameters, archive: Path, say: Callable[[str], None] = print) -> Absorbed:
    """Enter an archive of results.

    Raises:
        UserError: the archive is not whole, not safe, or not of results; or, once all else has been entered, runs were
            refused or DVC could not be told: all by name.
    """
    check_seal(archive)
    RUNS.mkdir(exist_ok=True)
    found = Absorbed()
    with tempfile.TemporaryDirectory(prefix=".absorbed-", dir=RUNS) as name:
        folder = Path(name)
        unpack(archive, folder)
        manifest = read_manifest(folder, "results", archive)
        runs = listed_runs(manifest, archive)
        tell_versions(manifest, say)
        keep_report(folder, manifest)
        cells: dict[str, Cell | str] = {}
        for run, entry in runs.items():
            absorb_run(parameters, cells, run, entry, folder, found)
    faults = [f"{name}: {why}" for name, why in found.refused.items()]
    faults += enter_reports([cell for cell in cells.values() if isinstance(cell, Cell)], found, say)
    say_what_became(found, runs, say)
    if faults:
        raise UserError("\n".join([f"{archive}: not everything could be entered.", *faults]))
    return found


def listed_runs(manifest: dict[str, Any], archive: Path) -> dict[Run, dict[str, Any]]:
    """The runs of a manifest with what it says of each.

    Raises:
        UserError: it is no list of runs.
    """
    try:
        runs = {Run.of(entry): entry for entry in manifest["runs"]}
        if any(entry["state"] not in ENDS_OF_RUNS for entry in runs.values()):
            raise ValueError("a run's state is unknown")
        if not isinstance(manifest["versions"], dict):
            raise TypeError("its versions are no list of packages")
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{archive}: expected a list of runs in its manifest: {error}. Nothing was entered.") from error
    return runs


def tell_versions(manifest: dict[str, Any], say: Callable[[str], None]) -> None:
    """Say where what results may depend on differs there; each run's record names its versions."""
    here = record.versions()
    there = {name: str(version) for name, version in manifest["versions"].items()}
    differs = [
        f"{name} {there[name]} (here {here[name]})"
        for name in sorted(here)
        if there.get(name, here[name]) != here[name]
    ]
    if differs:
        say(f"trained with other versions, as the records say: {', '.join(differs)}")


def keep_report(folder: Path, manifest: dict[str, Any]) -> None:
    """Keep what the machine said of itself, under its bundle's name."""
    if (folder / DEVICE).is_file():
        content = (folder / DEVICE).read_bytes()
        name = "".join(letter for letter in str(manifest.get("bundle", "")) if letter.isalnum())[:16] or "unknown"
        write(REPORTS_OF_DEVICES / f"{name}.json", lambda partial: partial.write_bytes(content))


def absorb_run(
    parameters: Parameters,
    cells: dict[str, Cell | str],
    run: Run,
    entry: dict[str, Any],
    folder: Path,
    found: Absorbed,
) -> None:
    """Enter or keep one run, or note why not; a cell is read once, and so is why it cannot be."""
    if run.cell not in cells:
        try:
            cells[run.cell] = read_cell(parameters, run.benchmark, run.model)
        except UserError as error:
            cells[run.cell] = str(error)
    cell, brought = cells[run.cell], folder / run.folder
    if entry["state"] not in ("whole", "resumable") or not brought.is_dir():
        return
    if not isinstance(cell, Cell):
        found.refused[str(run)] = cell
        return
    try:
        if (run.seed, run.fold) not in cell.runs:
            raise UserError(f"{run.benchmark} has no such run in params.yaml.")
        if entry["state"] == "whole":
            enter_run(cell, run, brought, folder, found)
        else:
            keep_state(cell, run, brought, found)
    except UserError as error:
        found.refused[str(run)] = str(error).replace(f"{folder}/", "")


def enter_run(cell: Cell, run: Run, brought: Path, folder: Path, found: Absorbed) -> None:
    """Raises `UserError` where it is not whole, of another version, or of other cases."""
    fingerprint = run_fingerprint(cell)
    if not (brought / WEIGHTS).is_file():
        (brought / WITHOUT_WEIGHTS).write_text(
            "The archive had no room for them; the run is whole but for them.\n", encoding="utf-8"
        )
    check_brought(cell, brought, fingerprint)
    check_cases(cell, run, brought)
    here = is_finished(cell, run.seed, run.fold, fingerprint)
    if here or (run.seed, run.fold) in entered_runs(cell, fingerprint):
        found.known.append(str(run))
    else:
        with held_run(cell, run.seed, run.fold):
            copy_beside_and_swap(brought, cell.run_folder(run.seed, run.fold))
        found.entered.append(str(run))
    enter_tests(cell, run, fingerprint, folder)


def check_cases(cell: Cell, run: Run, brought: Path) -> None:
    """Raises `UserError` where a run's predictions are not of the cases that its fold tests, each once."""
    folds = pd.read_csv(PREPARED / cell.benchmark_name / "folds.csv", dtype={"case": str})
    expected = set(folds["case"][folds[f"role_{run.fold}"] == "test"])
    for rule in RULES:
        path = brought / f"predictions-{rule}.parquet"
        if path.is_file() and (found := set(pd.read_parquet(path, columns=["case"])["case"])) != expected:
            odd = sorted(found ^ expected)[0]
            raise UserError(
                f"{path.name}: expected the {len(expected)} cases that fold {run.fold} tests, found {len(found)}; "
                f"{odd!r} is among one of them alone."
            )


def enter_tests(cell: Cell, run: Run, fingerprint: str, folder: Path) -> None:
    """Enter what the run's network predicted for other datasets.

    Raises:
        UserError: it was of another version, of other images, or of other cases.
    """
    for path in sorted((folder / EXTERNAL / run.cell).glob(f"*/{run.folder.name}.json")):
        dataset = path.parent.name
        if dataset not in cell.benchmark.test_on:
            raise UserError(
                f"{dataset}: {cell.benchmark_name} is not tested on it (test_on). The run itself is entered."
            )
        loaded = external.load_external(dataset, cell, choose_device("cpu"))
        stored = external.Stored(cell, dataset)
        if stored.holds(run.seed, run.fold, fingerprint, loaded.digest):
            continue
        try:
            entry, table = json.loads(path.read_text(encoding="utf-8")), pd.read_parquet(path.with_suffix(".parquet"))
            same = (entry["fingerprint"], entry["images"]) == (fingerprint, loaded.digest)
            named = (entry["seed"], entry["fold"]) == (run.seed, run.fold)
            cases = table["case"].tolist() == loaded.cases.table["case"].tolist()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(f"tests on {dataset}: not readable ({error}). The run itself is entered.") from error
        if not (same and named and cases):
            raise UserError(
                f"tests on {dataset}: of other code, parameters, images or cases than here. The run itself is entered; "
                f"`acsbench external {run.benchmark} {run.model}` tests it where its weights are."
            )
        stored.enter(table, entry)


def keep_state(cell: Cell, run: Run, brought: Path, found: Absorbed) -> None:
    """Keep an interrupted run for the next bundle, unless it is further along here.

    Raises:
        UserError: it is of another version, or cannot be gone on from.
    """
    fingerprint, folder = run_fingerprint(cell), cell.run_folder(run.seed, run.fold)
    epochs = epochs_of_state(brought, fingerprint)
    if not epochs:
        raise UserError("its state is not readable, or of other code, parameters or data than today's.")
    known = is_finished(cell, run.seed, run.fold, fingerprint)
    known = known or (run.seed, run.fold) in entered_runs(cell, fingerprint)
    if known or epochs_of_state(folder, fingerprint) >= epochs:
        found.known.append(f"{run}, {epochs} epochs")
        return
    check_cases(cell, run, brought)
    with held_run(cell, run.seed, run.fold):
        copy_beside_and_swap(brought, folder)
    found.kept.append(f"{run}, {epochs} epochs")


def enter_reports(cells: list[Cell], found: Absorbed, say: Callable[[str], None]) -> list[str]:
    """Write the reports of cells that have gained runs and are whole now, and tell DVC; what failed, in words."""
    faults = []
    for cell in cells:
        name = f"{cell.benchmark_name}/{cell.model_name}"
        if not any(run.startswith(f"{name} ") for run in [*found.entered, *found.known]):
            continue
        fingerprint = run_fingerprint(cell)
        collect(cell, fingerprint, partial=True)
        whole = set(entered_runs(cell, fingerprint)) >= set(cell.runs)
        stage = f"{cell.benchmark_name}-{cell.model_name}"
        if whole and stage in stages():
            told = commit([f"train@{stage}"])
            if told.refused:
                faults.append(told.line)
            else:
                say(told.line)
    return faults


def say_what_became(found: Absorbed, runs: dict[Run, dict[str, Any]], say: Callable[[str], None]) -> None:
    for what, names in (
        ("entered", found.entered),
        ("kept for the next bundle", found.kept),
        ("here before", found.known),
    ):
        for name in names:
            say(f"{what}: {name}")
    for run, entry in runs.items():
        if entry["state"] in ("failed", "waiting") or "state" in entry.get("left_out", ()):
            no_room = entry["state"] == "resumable"
            why = (
                "its state did not fit into the archive"
                if no_room
                else entry.get("message") or "no time was left for it"
            )
            say(f"still to train: {run}: {why}")
        if {"results", "weights"} & set(entry.get("left_out", ())):
            say(f"did not fit into the archive: {run}: {' and '.join(map(str, entry['left_out']))}")
