"""Test a cell's trained networks on other datasets, case by case (`acsbench external`).

Needs the weights that `train` left under `runs/` and prepared/external/<dataset>-<size>/ of each dataset that the
benchmark names (`test_on`). Every network, one a fold and seed, predicts every case; its table is a file of its own, so
that networks trained elsewhere or later are added to those that are there. What is there, and of the same network and
images, is left alone.
"""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from pickle import UnpicklingError
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from benchmarks.configuration import Parameters
from benchmarks.configuration.asked import chosen_datasets
from benchmarks.errors import UserError
from benchmarks.networks import build
from benchmarks.training import files, record
from benchmarks.training.cell import RUNS, Cell, choose_device
from benchmarks.training.data import Cases, check_prepared
from benchmarks.training.evaluation import evaluate
from benchmarks.training.fingerprints import read_cell
from benchmarks.training.lock import held
from benchmarks.training.precision import autocast, memory_format
from benchmarks.training.progress import tqdm
from benchmarks.training.run import is_finished, predictions, run_fingerprint
from benchmarks.training.train import choose_runs

PREPARED = Path("prepared/external")
REPORTS = Path("reports/external")
FILES = ("images.npz", "cases.parquet")
BATCH = 32  # cases, as where a network is evaluated on its own fold


@dataclasses.dataclass(frozen=True)
class External:
    """Another dataset at a benchmark's image size."""

    name: str
    cases: Cases
    digest: str  # of its images, masks and labels


def load_external(dataset: str, cell: Cell, device: torch.device) -> External:
    """Read a prepared external dataset onto the device.

    Raises:
        UserError: it is missing, damaged, or of another size than the benchmark.
    """
    size = cell.benchmark.image_size
    folder = PREPARED / f"{dataset}-{size}"
    again = f"Run `acsbench prepare-external {dataset} {size}`."
    if missing := [name for name in FILES if not (folder / name).is_file()]:
        raise UserError(f"{folder}: expected {' and '.join(FILES)}; missing {', '.join(missing)}. {again}")
    try:
        table = pd.read_parquet(folder / "cases.parquet", columns=["case", "label"])
        with np.load(folder / "images.npz") as arrays:
            images, masks = arrays["images"], arrays["masks"]
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise UserError(f"{folder}: damaged or incomplete ({error}). {again}") from error
    if images.shape != (len(table), size, size) or images.shape != masks.shape:
        raise UserError(
            f"{folder}: expected {len(table)} images and masks of {size} x {size} pixels, found {images.shape} and "
            f"{masks.shape}. {again}"
        )
    text = table.to_csv(index=False, lineterminator="\n").encode()
    digest = hashlib.sha256(text + images.tobytes() + masks.tobytes()).hexdigest()[:16]
    images, masks = (torch.from_numpy(np.ascontiguousarray(array)).unsqueeze(1).to(device) for array in (images, masks))
    labels = torch.tensor(table["label"].to_numpy()).to(device)
    return External(dataset, Cases(table, images, masks, masks, labels), digest)


def load_network(cell: Cell, seed: int, fold: int, device: torch.device) -> tuple[nn.Module, dict[str, Any]]:
    """A run's selected network, and what is recorded of it: `epoch` and the digest of its `weights`.

    Raises:
        UserError: its weights are missing, damaged, or those of another network.
    """
    path = cell.run_folder(seed, fold) / "weights.pt"
    again = f"Train it again: `acsbench train {cell.benchmark_name} {cell.model_name} --anew "
    again += f"--folds {fold} --seeds {seed}`."
    try:
        stored = torch.load(path, map_location=device, weights_only=True)
        state, epoch = stored["network"], int(stored["epoch"])
    except FileNotFoundError as error:
        raise UserError(f"{path}: not found, though the run is finished. {again}") from error
    except (OSError, RuntimeError, UnpicklingError, KeyError, EOFError, TypeError, ValueError) as error:
        raise UserError(f"{path}: expected a network's weights, found no such file: {error}. {again}") from error
    # What the encoder began with is overwritten, so nothing need be fetched.
    network = build(dataclasses.replace(cell.model, encoder_weights=None), len(cell.benchmark.classes), "none")
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise UserError(f"{path}: the weights of another network than {cell.model_name}: {error} {again}") from error
    # torch's annotations of `to` know no memory format
    network = network.to(device, memory_format=memory_format(cell.engine, device))  # ty: ignore[no-matching-overload]
    return network, {"epoch": epoch, "weights": state_digest(state)}


def state_digest(state: dict[str, Tensor]) -> str:
    """SHA-256 over names and values, shortened to 16 digits: the same however torch packs the file."""
    total = hashlib.sha256()
    for name in sorted(state):
        values = state[name].detach().cpu().contiguous()
        total.update(f"{name} {values.dtype} {tuple(values.shape)} ".encode())
        total.update(values.reshape(-1).view(torch.uint8).numpy().tobytes())
    return total.hexdigest()[:16]


class Stored:
    """What is kept of a cell on one dataset: a table for each network, and a record of all of them."""

    def __init__(self, cell: Cell, dataset: str):
        self.place = Path(cell.benchmark_name) / cell.model_name / dataset
        self.head = {"benchmark": cell.benchmark_name, "model": cell.model_name, "dataset": dataset}
        self.record = REPORTS / "records" / self.place.with_name(f"{dataset}.json")
        self.networks: dict[tuple[int, int], dict[str, Any]] = {}
        if self.record.is_file():
            try:
                kept = json.loads(self.record.read_text(encoding="utf-8"))["networks"]
                self.networks = {(entry["seed"], entry["fold"]): entry for entry in kept}
            except (ValueError, KeyError, TypeError) as error:
                raise UserError(
                    f"{self.record}: expected the record of the networks tested on {dataset}, found: {error}. Restore "
                    "it with git, or remove it to predict anew."
                ) from error

    def table(self, seed: int, fold: int) -> Path:
        return REPORTS / "predictions" / self.place / f"seed{seed}-fold{fold}.parquet"

    def holds(self, seed: int, fold: int, fingerprint: str, digest: str) -> bool:
        """Whether a network's table is there, and made of this code, these parameters and these images."""
        entry = self.networks.get((seed, fold), {})
        same = (entry.get("fingerprint"), entry.get("images")) == (fingerprint, digest)
        return same and self.table(seed, fold).is_file()

    def enter(self, table: pd.DataFrame, entry: dict[str, Any]) -> None:
        run = entry["seed"], entry["fold"]
        files.write_table(self.table(*run), table)
        self.networks[run] = entry
        networks = [self.networks[run] for run in sorted(self.networks)]
        files.write_json(self.record, {**self.head, "networks": networks})


def predict(
    cell: Cell, network: nn.Module, external: External, seed: int, fold: int, epoch: int, after: Callable[[int], object]
) -> pd.DataFrame:
    """A network's rows for every case of a dataset, as those of its own test fold, without the selection rule.

    Args:
        after: called with how many cases each batch held.
    """
    where = f"benchmarks.{cell.benchmark_name}.training.precision"
    precision = autocast(cell.benchmark.training.precision, external.cases.images.device, where)
    positions, tables = np.arange(len(external.cases.table)), []
    for batch in np.array_split(positions, -(-len(positions) // BATCH)):
        found = evaluate(network, external.cases, batch, cell.normalisation, cell.recipe, precision, BATCH)
        tables.append(predictions(cell, external.cases, cell.benchmark.selection.rule, seed, fold, epoch, found))
        after(len(batch))
    return pd.concat(tables, ignore_index=True).drop(columns="selection")


def predict_run(
    cell: Cell, waiting: list[External], seed: int, fold: int, fingerprint: str, after: Callable[[int], object]
) -> None:
    """Predict these datasets with one network, and enter each when it is whole."""
    network, kept = load_network(cell, seed, fold, waiting[0].cases.images.device)
    for external in waiting:
        Stored(cell, external.name).enter(*predicted(cell, network, kept, external, seed, fold, fingerprint, after))


def predicted(
    cell: Cell,
    network: nn.Module,
    kept: dict[str, Any],
    external: External,
    seed: int,
    fold: int,
    fingerprint: str,
    after: Callable[[int], object] = lambda cases: None,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A network's rows for a dataset, and its entry in the record; `kept` is what `load_network` says of it."""
    table = predict(cell, network, external, seed, fold, kept["epoch"], after)
    entry = {
        "seed": seed,
        "fold": fold,
        **kept,
        "fingerprint": fingerprint,
        "images": external.digest,
        "cases": len(table),
        "device": record.device_name(external.cases.images.device),
        "threads": torch.get_num_threads(),
        "precision": cell.benchmark.training.precision,
        "versions": record.versions(),
        "git_commit": record.git_commit(),
    }
    return table, entry


def predict_cell(
    cell: Cell, runs: list[tuple[int, int]], datasets: list[str], say: Callable[[str], None] = print
) -> None:
    """Predict every dataset with each network that is trained; keep what networks trained elsewhere have predicted.

    Raises:
        UserError: a dataset or weights cannot be read; no network is there at all; or, once all others have predicted,
            predictions are those of another version of code, parameters or images and the network is not here.
    """
    device, fingerprint = choose_device(cell.engine.device), run_fingerprint(cell)
    torch.set_num_threads(cell.engine.threads)
    externals = [load_external(dataset, cell, device) for dataset in datasets]
    trained = [run for run in runs if is_finished(cell, *run, fingerprint)]
    name = f"{cell.benchmark_name}/{cell.model_name}"
    with held(RUNS / ".locks" / f"{name.replace('/', '-')}-external.lock", f"{name} on other datasets"):
        waiting = {run: unpredicted(cell, externals, run, fingerprint) for run in trained}
        total = sum(len(external.cases.table) for each in waiting.values() for external in each)
        with tqdm(total=total, desc=f"{name} elsewhere", unit="case") as bar:
            for (seed, fold), each in waiting.items():
                bar.set_postfix(seed=seed, fold=fold)
                if each:
                    predict_run(cell, each, seed, fold, fingerprint, bar.update)
    check_all_there(cell, runs, externals, fingerprint, say)


def unpredicted(cell: Cell, externals: list[External], run: tuple[int, int], fingerprint: str) -> list[External]:
    """The datasets that a network has not predicted yet."""
    return [e for e in externals if not Stored(cell, e.name).holds(*run, fingerprint, e.digest)]


def check_all_there(
    cell: Cell, runs: list[tuple[int, int]], externals: list[External], fingerprint: str, say: Callable[[str], None]
) -> None:
    """Say which networks have not been tested yet; see `predict_cell` for what is raised."""
    missing, outdated = [], []
    for external in externals:
        stored = Stored(cell, external.name)
        for run in runs:
            if not stored.holds(*run, fingerprint, external.digest):
                (outdated if stored.table(*run).is_file() else missing).append(
                    "{} seed {} fold {}".format(external.name, *run)
                )
    train = f"`acsbench train {cell.benchmark_name} {cell.model_name}`"
    if outdated:
        raise UserError(
            f"{REPORTS / 'predictions' / cell.benchmark_name / cell.model_name}: predictions by other code, parameters "
            f"or images than today's, and the networks are not in {cell.folder}: {', '.join(outdated)}. Train them "
            f"with {train} and run this again, or remove these files."
        )
    if len(missing) == len(runs) * len(externals):
        raise UserError(f"{cell.folder}: expected networks trained by this code, found none. Train them with {train}.")
    if missing:
        say(f"{cell.folder}: still to train and test: {', '.join(missing)}")


def predict_elsewhere(
    parameters: Parameters,
    benchmark: str,
    model: str,
    datasets: list[str] | None = None,
    folds: list[int] | None = None,
    seeds: list[int] | None = None,
) -> None:
    """Test the networks of a model of a benchmark on the other datasets that it names.

    Args:
        parameters: of `params.yaml`.
        benchmark: its name.
        model: its name.
        datasets: these alone, of those that the benchmark names.
        folds: the networks of these folds alone.
        seeds: the networks of these seeds alone.

    Raises:
        UserError: a name, fold or seed is unknown, the benchmark is not prepared, or see `predict_cell`.
    """
    chosen = chosen_datasets(benchmark, parameters.benchmark(benchmark), datasets)
    check_prepared(benchmark)
    cell = read_cell(parameters, benchmark, model)
    predict_cell(cell, choose_runs(cell, folds, seeds), chosen)
