"""Hand on what was trained: `acsbench weights export` writes a cell's networks as safetensors, with their checksums."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import torch
from tqdm import tqdm

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.prediction.description import describe
from benchmarks.prediction.finding import read_records
from benchmarks.prediction.likeness import training_images
from benchmarks.prediction.storing import Stored
from benchmarks.prediction.weights_file import write_weights
from benchmarks.training.cell import declared_cell
from benchmarks.training.external import load_network
from benchmarks.whole_files import write

SUMS = "SHA256SUMS"


def export(
    parameters: Parameters, benchmark: str, model: str, out: Path, stored: Stored, say: Callable[[str], None] = print
) -> list[Path]:
    """Write every trained network of a cell to `<out>/<benchmark>/<model>/`, a file each, and their SHA-256.

    Raises:
        UserError: none is trained here, the dataset is not prepared here, or `out` cannot be written.
    """
    cell = declared_cell(parameters, benchmark, model)
    records = read_records(cell)
    if not records:
        raise UserError(
            f"{cell.folder}: expected trained networks, found none. Train them: `acsbench train {benchmark} {model}`."
        )
    images = training_images(benchmark, cell.benchmark.dataset, sorted({record["fold"] for record in records}))
    paths, folder = [], out / benchmark / model
    for record in tqdm(records, f"exporting {benchmark}/{model}", unit="network"):
        network, kept = load_network(cell, record["seed"], record["fold"], torch.device("cpu"))
        about = describe(cell, record, kept["epoch"], kept["weights"], images[record["fold"]], stored)
        path = folder / about.file_name
        write_weights(path, network.state_dict(), about)
        paths.append(path)
    write_sums(folder)
    megabytes = sum(path.stat().st_size for path in paths) / 1e6
    say(f"{folder}: {len(paths)} of {len(cell.runs)} networks, {megabytes:.1f} MB, and {SUMS}.")
    return paths


def write_sums(folder: Path) -> None:
    """The SHA-256 of each file of weights in a folder, as `sha256sum` writes and checks them."""
    lines = [f"{sha256(path)}  {path.name}\n" for path in sorted(folder.glob("*.safetensors"))]
    write(folder / SUMS, lambda partial: partial.write_text("".join(lines), encoding="utf-8"))


def sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
