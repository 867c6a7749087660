"""Pack a bundle: code, parameters, data, weights, states of interrupted runs, and the list of what is to be trained."""

import dataclasses
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from benchmarks.bundle.archive import Content, packed_size, write_archive
from benchmarks.bundle.code import code_files, packages_needed
from benchmarks.bundle.plan import ORDER, Names, asked_cells, waiting_runs
from benchmarks.bundle.runs import Run, files_of
from benchmarks.bundle.weights import PACKAGES, weights_of
from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.training import data, external, record
from benchmarks.training.cell import Cell
from benchmarks.training.checks.trial import check_network
from benchmarks.training.entries import LOCAL, Entry, entries_text, read_committed, read_entries
from benchmarks.training.fingerprints import read_cell
from benchmarks.training.progress import tqdm
from benchmarks.training.run import epochs_of_state, run_fingerprint

MEGABYTE = 10**6
PARAMS = "params.json"
START = Path(__file__).with_name("start.py")  # called run.py there
LOWEST = 512 * 1024  # bytes that a manifest and small files may take; below it, no limit makes sense


@dataclass(frozen=True)
class Asked:
    """What a bundle is to hold."""

    benchmarks: Sequence[str]
    cells: Sequence[str] = ()
    folds: list[int] | None = None
    seeds: list[int] | None = None
    minutes: float = 9
    megabytes: float = 60
    wheels: Sequence[Path] = ()


def pack(parameters: Parameters, asked: Asked, out: Path, say: Callable[[str], None] = print) -> list[Run]:
    """Write a bundle; returns the runs that it lists.

    Raises:
        UserError: a name is unknown, nothing is left to train, data or weights are not here, or what is needed is
            larger than the limit.
    """
    if asked.minutes <= 0 or asked.megabytes * MEGABYTE < LOWEST:
        raise UserError(f"expected minutes above 0 and at least {LOWEST / MEGABYTE:.1f} megabytes.")
    names = asked_cells(parameters, asked.benchmarks, asked.cells)
    cells = read_cells(parameters, names)
    for name in dict.fromkeys(cell.benchmark_name for cell in cells):
        data.load(name, parameters.benchmark(name), torch.device("cpu"))  # whole, and as params.yaml says?
    runs = waiting_runs(cells, asked.folds, asked.seeds)
    if not runs:
        raise UserError("every run that was asked for is here already: there is nothing to bundle.")
    cells = [cell for cell in cells if any(run.cell == cell_name(cell) for run in runs)]
    needed = {
        "code": {**code_files(cells), "run.py": START, PARAMS: parameters_text(parameters), **entries_of(cells)},
        "data": prepared_files(cells),
        "weights": weights_of(cells) | sources_of(cells, runs),
        "wheels": unpacked_wheels(asked.wheels),
    }
    parts = fitted(needed, states_of(cells, runs) | tested_on(cells), asked.megabytes, say)
    contents = {path: content for part in parts.values() for path, content in part.items()}
    write_archive(out, contents, manifest_of(cells, runs, asked, contents))
    limit = asked.megabytes * MEGABYTE
    if out.stat().st_size > limit:  # the estimate counts the list of runs as nothing
        size = out.stat().st_size
        out.unlink()
        raise UserError(f"{out}: {size / MEGABYTE:.1f} MB, more than --megabytes {asked.megabytes:g}; raise it.")
    say(f"{out}: {out.stat().st_size / MEGABYTE:.1f} MB of {asked.megabytes:g}, {len(runs)} runs: {ORDER}.")
    return runs


def cell_name(cell: Cell) -> str:
    return f"{cell.benchmark_name}/{cell.model_name}"


def read_cells(parameters: Parameters, names: Sequence[Names]) -> list[Cell]:
    """The cells with their fingerprints, which are measured where today's code is not the one on file."""
    cells = []
    with tqdm(total=len(names), desc="cells", unit="cell") as bar:
        for benchmark, model in names:
            check_network(parameters, model)
            cells.append(read_cell(parameters, benchmark, model))
            bar.update()
    return cells


def parameters_text(parameters: Parameters) -> bytes:
    """As `acsbench configuration` prints them."""
    return (json.dumps(dataclasses.asdict(parameters), indent=1) + "\n").encode()


def entries_of(cells: Sequence[Cell]) -> dict[str, Content]:
    """The measured behaviour of the cells, so that it need not be measured there."""
    committed, local = read_committed(), read_entries(LOCAL)
    entries: dict[str, Entry] = {}
    for cell in cells:
        name = f"{cell.benchmark_name}-{cell.model_name}"
        known = [kept[name] for kept in (committed, local) if name in kept]
        entries[name] = next(entry for entry in known if entry.fingerprint == cell.fingerprint)
    return {LOCAL.as_posix(): entries_text(entries, with_code=True).encode()}


def prepared_files(cells: Sequence[Cell]) -> dict[str, Content]:
    names = dict.fromkeys(cell.benchmark_name for cell in cells)
    paths = [data.PREPARED / name / file for name in names for file in data.FILES]
    return {path.as_posix(): path for path in paths}


def sources_of(cells: Sequence[Cell], runs: Sequence[Run]) -> dict[str, Content]:
    """The trained networks that runs start from (`initialise_from`) and that are not to be trained in the bundle.

    Raises:
        UserError: one is finished here, but its weights are not.
    """
    by_name = {cell_name(cell): cell for cell in cells}
    listed, found = set(runs), {}
    for run in runs:
        for model in (by_name[run.cell].model.initialise_from or {}).values():
            source = dataclasses.replace(run, model=model)
            weights = source.folder / "weights.pt"
            if source in listed:
                continue
            if not weights.is_file():
                raise UserError(
                    f"{weights}: not found; {run.cell} starts from it. Train that run here (`acsbench train "
                    f"{run.benchmark} {model} --seeds {run.seed} --folds {run.fold} --anew`), or leave {run.cell} out."
                )
            found |= {path.as_posix(): path for path in files_of(source.folder)}
    return found


def unpacked_wheels(wheels: Sequence[Path]) -> dict[str, Content]:
    """The files of wheels, as an installation would place them.

    Raises:
        UserError: a file is no wheel.
    """
    found: dict[str, Content] = {}
    for wheel in wheels:
        try:
            with zipfile.ZipFile(wheel) as archive:
                names = [name for name in archive.namelist() if not name.endswith("/")]
                if wheel.suffix != ".whl" or not any(name.endswith(".dist-info/WHEEL") for name in names):
                    raise zipfile.BadZipFile("it has no .dist-info/WHEEL")
                found |= {f"{PACKAGES}/{name}": archive.read(name) for name in names}
        except (OSError, zipfile.BadZipFile) as error:
            raise UserError(f"{wheel}: expected a wheel (.whl), found no such file: {error}.") from error
    return found


def states_of(cells: Sequence[Cell], runs: Sequence[Run]) -> dict[str, dict[str, Content]]:
    """What is optional, first first: the interrupted runs that go on in the bundle, each with all of its files."""
    fingerprints = {cell_name(cell): run_fingerprint(cell) for cell in cells}
    return {
        f"state of {run}": {path.as_posix(): path for path in files_of(run.folder)}
        for run in runs
        if epochs_of_state(run.folder, fingerprints[run.cell])
    }


def tested_on(cells: Sequence[Cell]) -> dict[str, dict[str, Content]]:
    """What is optional, after states: the other datasets that the benchmarks name, as far as they are prepared here."""
    found: dict[str, dict[str, Content]] = {}
    for cell in cells:
        for dataset in cell.benchmark.test_on:
            folder = external.PREPARED / f"{dataset}-{cell.benchmark.image_size}"
            if all((folder / name).is_file() for name in external.FILES):
                found[f"test set {folder.name}"] = {f"{folder.as_posix()}/{n}": folder / n for n in external.FILES}
    return found


def fitted(
    needed: dict[str, dict[str, Content]],
    optional: dict[str, dict[str, Content]],
    megabytes: float,
    say: Callable[[str], None],
) -> dict[str, dict[str, Content]]:
    """All that is needed, and of what is optional as much as fits; each part's size is said.

    Raises:
        UserError: what is needed is larger than the limit.
    """
    limit = megabytes * MEGABYTE - LOWEST / 2  # for the list of runs
    sizes = {part: packed_size(contents) for part, contents in needed.items()}
    told = ", ".join(f"{part} {size / MEGABYTE:.1f} MB" for part, size in sizes.items() if size)
    left = limit - sum(sizes.values())
    if left < 0:
        raise UserError(
            f"what is needed has {sum(sizes.values()) / MEGABYTE:.1f} MB ({told}), more than --megabytes "
            f"{megabytes:g}. Raise it, or bundle fewer benchmarks or networks (--cells)."
        )
    parts = dict(needed)
    for part, contents in optional.items():
        size = packed_size(contents)
        if size > left:
            say(f"left out, for it has {size / MEGABYTE:.1f} MB and {left / MEGABYTE:.1f} are left: {part}")
            continue
        parts[part], left = contents, left - size
        told += f", {part} {size / MEGABYTE:.1f} MB"
    say(told)
    return parts


def manifest_of(
    cells: Sequence[Cell], runs: Sequence[Run], asked: Asked, contents: dict[str, Content]
) -> dict[str, Any]:
    """What the other side is told; nothing that tells when or where it was made."""
    return {
        "kind": "bundle",
        "git_commit": record.git_commit(),
        "versions": record.versions(),
        "minutes": asked.minutes,
        "megabytes": asked.megabytes,
        "order": ORDER,
        "cells": {
            cell_name(cell): {
                "fingerprint": run_fingerprint(cell),
                "packages": packages_needed(cell),
                "test_on": [d for d in cell.benchmark.test_on if is_packed(cell, d, contents)],
            }
            for cell in cells
        },
        "runs": [run.listed() for run in runs],
    }


def is_packed(cell: Cell, dataset: str, contents: dict[str, Content]) -> bool:
    return (external.PREPARED / f"{dataset}-{cell.benchmark.image_size}" / "images.npz").as_posix() in contents
