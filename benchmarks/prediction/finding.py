"""Where a model's trained networks are: in a folder of exported weights, with this repository, or in `runs/`."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.prediction.description import Description, describe
from benchmarks.prediction.likeness import TrainingImages, training_images
from benchmarks.prediction.weights_file import load_file, read_description
from benchmarks.training.cell import RUNS, Cell, declared_cell
from benchmarks.training.external import load_network
from benchmarks.training.fingerprints import stated_digest

SHIPPED = Path("weights")  # those that come with this repository


@dataclass(frozen=True)
class Source:
    """One trained network, not yet loaded: of which seed and fold, from which file."""

    path: Path
    seed: int
    fold: int
    load: Callable[[torch.device], tuple[Description, nn.Module]]


def find_networks(
    parameters: Parameters, benchmark: str | None, model: str, folder: Path | None = None, fold: int | None = None
) -> list[Source]:
    """A model's networks, of all folds and seeds that are there or of one fold.

    Args:
        benchmark: that they were trained on; any if not given, as long as it is one.
        folder: of exported weights, to look in alone.
        fold: the networks of this one alone.

    Raises:
        UserError: there are none, none of that fold, or of several benchmarks.
    """
    if folder is not None and not folder.is_dir():
        raise UserError(f"--weights: expected a folder of exported weights, found no folder {folder}.")
    found = exported(parameters, folder or SHIPPED, benchmark, model)
    if not found and folder is None:
        found = trained(parameters, benchmark, model)
    if len(found) > 1:
        names = ", ".join(f"{name}/{model}" for name in found)
        raise UserError(f"{model} has networks of several benchmarks: expected one of {names}.")
    if not found:
        raise UserError(none_found(benchmark, model, folder))
    ((name, sources),) = found.items()
    if fold is not None and fold not in {source.fold for source in sources}:
        there = ", ".join(map(str, sorted({source.fold for source in sources})))
        raise UserError(f"--fold: {name}/{model} has networks of the folds {there}, none of fold {fold}.")
    return sorted((s for s in sources if fold in (None, s.fold)), key=lambda source: (source.seed, source.fold))


def none_found(benchmark: str | None, model: str, folder: Path | None) -> str:
    """Where was looked, and what to do."""
    name = f"{benchmark or '<benchmark>'}/{model}"
    if folder is not None:
        return f"{folder}: expected weights of {name}, found none ({folder}/{name}/*.safetensors)."
    shipped = ", ".join(sorted(path.relative_to(SHIPPED).as_posix() for path in SHIPPED.glob("*/*") if path.is_dir()))
    return (
        f"{name}: no trained networks in {SHIPPED}/ or {RUNS}/. Those that come with the repository: "
        f"{shipped or 'none'}. Train it (`acsbench train {name.replace('/', ' ')}`), fetch its weights (`acsbench "
        "weights get`), or name a folder with --weights."
    )


def exported(parameters: Parameters, root: Path, benchmark: str | None, model: str) -> dict[str, list[Source]]:
    """Exported networks of a model below a folder, by benchmark: in `<benchmark>/<model>/`, or in the folder itself.

    Raises:
        UserError: a file is damaged, or those in the folder itself are of another model.
    """
    found: dict[str, list[Source]] = {}
    paths = sorted(root.glob(f"{benchmark or '*'}/{model}/*.safetensors"))
    for path in paths or sorted(root.glob("*.safetensors")):
        about = read_description(path)
        if about.model != model or benchmark not in (None, about.benchmark):
            raise UserError(
                f"{path}: expected a network of {benchmark or 'any benchmark'}/{model}, found {about.cell}."
            )
        found.setdefault(about.benchmark, []).append(
            Source(path, about.seed, about.fold, lambda device, path=path: load_file(path, parameters, device))
        )
    return found


def trained(parameters: Parameters, benchmark: str | None, model: str) -> dict[str, list[Source]]:
    """Networks of a model that were trained here, by benchmark.

    Raises:
        UserError: they were trained under other parameters than today's.
    """
    found = {}
    for name in [benchmark] if benchmark else parameters.benchmarks:
        cell = declared_cell(parameters, name, model)
        records = read_records(cell)
        if not records:
            continue
        if old := [r for r in records if r["digests"].get("stated", "") != stated_digest(parameters, name, model)]:
            raise UserError(
                f"{cell.run_folder(old[0]['seed'], old[0]['fold'])}: trained under other parameters than params.yaml "
                "states now (image size, normalisation, ...). Restore these, or train it again: "
                f"`acsbench train {name} {model}`."
            )
        found[name] = run_sources(cell, records)
    return found


def read_records(cell: Cell) -> list[dict[str, Any]]:
    """The records of a cell's runs that are whole.

    Raises:
        UserError: one cannot be read.
    """
    records = []
    for path in sorted(cell.folder.glob("seed*-fold*/record.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            records.append(record | {"digests": record["digests"], "seed": record["seed"], "fold": record["fold"]})
        except (OSError, ValueError, KeyError) as error:
            raise UserError(f"{path}: expected the record of a run, found: {error}. Train that run anew.") from error
    return records


def run_sources(cell: Cell, records: list[dict[str, Any]]) -> list[Source]:
    """The networks of runs. What they were trained on is looked up once, when the first is loaded."""
    folds = sorted({record["fold"] for record in records})
    known: dict[int, TrainingImages] = {}

    def load(record: dict[str, Any], device: torch.device) -> tuple[Description, nn.Module]:
        network, kept = load_network(cell, record["seed"], record["fold"], device)
        if not known:
            known.update(images_if_prepared(cell, folds))
        about = describe(cell, record, kept["epoch"], kept["weights"], known.get(record["fold"]))
        return about, network.eval()

    return [
        Source(
            cell.run_folder(record["seed"], record["fold"]) / "weights.pt",
            record["seed"],
            record["fold"],
            lambda device, record=record: load(record, device),
        )
        for record in records
    ]


def images_if_prepared(cell: Cell, folds: list[int]) -> dict[int, TrainingImages]:
    """What each fold was trained on; nothing where the dataset is not prepared here."""
    try:
        return training_images(cell.benchmark_name, cell.benchmark.dataset, folds)
    except UserError:
        return {}
