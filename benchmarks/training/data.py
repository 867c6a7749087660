"""A prepared benchmark, resident on the device as bytes."""

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from benchmarks.configuration import Benchmark, Normalisation
from benchmarks.configuration.stages import way_to
from benchmarks.errors import UserError

PREPARED = Path("prepared/benchmarks")
FILES = ("images.npz", "cases.parquet", "folds.csv")


@dataclass(frozen=True)
class Cases:
    """Images and masks (N, 1, S, S) as bytes and labels (N,) on one device; row i of `table` is image i."""

    table: pd.DataFrame  # case, and role_0 ... role_{k-1}
    images: Tensor
    masks: Tensor
    selection_masks: Tensor  # what the selection score takes for the truth
    labels: Tensor

    def positions(self, fold: int, role: str) -> np.ndarray:
        return np.flatnonzero(self.table[f"role_{fold}"] == role)


def digest(folder: Path) -> str:
    """SHA-256 over the files of a prepared benchmark, shortened to 16 digits."""
    total = hashlib.sha256()
    for name in FILES:
        total.update((folder / name).read_bytes())
    return total.hexdigest()[:16]


def check_prepared(name: str) -> None:
    """Raise `UserError` where a benchmark's prepared files are missing."""
    folder = PREPARED / name
    if missing := [file for file in FILES if not (folder / file).is_file()]:
        raise UserError(f"{folder}: expected {', '.join(missing)}, found none. Run {way_to('split', name)} first.")


def anew(name: str) -> str:
    """What to do about a benchmark whose prepared files are not as they should be."""
    return f"Run {way_to('split', name, again=True)}."


def load(name: str, benchmark: Benchmark, device: torch.device) -> Cases:
    """Read a prepared benchmark onto the device.

    Raises:
        UserError: it is missing, or was prepared at another size or for other folds than `params.yaml` says.
    """
    check_prepared(name)
    folder = PREPARED / name
    try:
        with open(folder / "images.npz", "rb") as file, np.load(file) as arrays:
            images, binary_masks, soft_masks = arrays["images"], arrays["masks"], arrays["soft_masks"]
        table = pd.read_csv(folder / "folds.csv", dtype={"case": str, "group": str})
        labels = pd.read_parquet(folder / "cases.parquet", columns=["case", "label"])
        if absent := {"case", "fold"} - set(table.columns):
            raise ValueError(f"folds.csv has no column {' or '.join(sorted(absent))}")
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        raise UserError(f"{folder}: damaged or incomplete ({error}). {anew(name)}") from error
    if images.shape[1:] != (benchmark.image_size, benchmark.image_size) or (
        f"role_{benchmark.split.folds - 1}" not in table.columns
    ):
        raise UserError(
            f"{folder}: prepared as {images.shape[1:]} pixels with {table['fold'].nunique()} folds, but params.yaml "
            f"says {benchmark.image_size} pixels and {benchmark.split.folds} folds. {anew(name)}"
        )
    if table["case"].tolist() != labels["case"].tolist():
        raise UserError(f"{folder}: folds.csv and cases.parquet list different cases. {anew(name)}")

    def resident(array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).unsqueeze(1).to(device)

    masks = resident(binary_masks)
    # V3: the released validation counts only pixels of the bilinearly resized mask that are exactly one
    released = benchmark.selection.score == "released"
    selection_masks = resident((soft_masks == 255).astype(np.uint8)) if released else masks
    return Cases(table, resident(images), masks, selection_masks, torch.tensor(labels["label"].to_numpy()).to(device))


def labels_of(name: str) -> pd.Series:
    """The label of each case of a prepared benchmark, 1 for malignant, indexed by case."""
    table = pd.read_parquet(PREPARED / name / "cases.parquet", columns=["case", "label"])
    return table.set_index("case")["label"]


def grey_levels(images: Tensor) -> Tensor:
    """Bytes (B, 1, S, S) as grey levels in [0, 1], in torch's default precision."""
    return images.to(torch.get_default_dtype()) / 255


def normalise(images: Tensor, normalisation: Normalisation) -> Tensor:
    """Grey levels (B, 1, S, S) in [0, 1] to three equal, normalised channels."""
    return ((images - normalisation.mean) / normalisation.std).expand(-1, 3, -1, -1)
