"""What is true of a benchmark's cases: read from `prepared/benchmarks/<benchmark>/`, and summed up as a small table."""

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from benchmarks.configuration import PARAMETERS, read_parameters
from benchmarks.configuration.stages import way_to
from benchmarks.errors import UserError
from benchmarks.scoring import run_length
from benchmarks.scoring.segmentation import dice, to_native

CASE_COLUMNS = ["case", "class", "label", "group", "height", "width", "mask", "first_mask", "flags"]


@dataclass(frozen=True)
class Truth:
    """What is true of an image: the union of its masks and the first one at native size, bool (H, W), and the first
    mask as the released test loader reads it, uint8 0 to 255 on the network's grid (S, S)."""

    mask: np.ndarray
    first_mask: np.ndarray
    soft_mask: np.ndarray


@dataclass(frozen=True)
class PreparedBenchmark:
    """The tested cases of a prepared benchmark without their images; row i of all three is the same case."""

    name: str
    cases: pd.DataFrame  # CASE_COLUMNS and `fold`, where the case is tested
    masks: np.ndarray  # (N, S, S) of 0 and 1
    soft_masks: np.ndarray  # (N, S, S) of 0 to 255

    @property
    def grid(self) -> int:
        """Side S of the network's grid, in pixels."""
        return self.masks.shape[1]

    def digest(self) -> str:
        """SHA-256 of everything that a score can depend on, the same on every machine."""
        text = self.cases.drop(columns="flags").to_csv(index=False, lineterminator="\n")
        return hashlib.sha256(text.encode() + np.ascontiguousarray(self.soft_masks).tobytes()).hexdigest()


def read_benchmark(name: str, root: Path = Path(), params: Path = PARAMETERS) -> PreparedBenchmark:
    """Read `prepared/benchmarks/<name>/` below the repository root.

    Args:
        name: the benchmark's.
        root: the repository root.
        params: the file of parameters, below the root unless its path is absolute.

    Raises:
        UserError: it is not there, or its files are damaged or do not belong together.
    """
    folder = root / "prepared" / "benchmarks" / name
    for file in ("cases.parquet", "images.npz", "folds.csv"):
        if not (folder / file).is_file():
            again = f"Run {way_to('split', name, root=root)}."
            raise UserError(f"{folder / file}: not found; scoring needs the prepared benchmark {name!r}. {again}")
    try:
        cases = pd.read_parquet(folder / "cases.parquet")[CASE_COLUMNS]
        folds = pd.read_csv(folder / "folds.csv", dtype={"case": str})[["case", "fold"]]
        with open(folder / "images.npz", "rb") as file, np.load(file) as arrays:
            masks, soft_masks = arrays["masks"], arrays["soft_masks"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        again = f"Run {way_to('split', name, again=True, root=root)}."
        raise UserError(f"{folder}: damaged or incomplete ({error}). {again}") from error
    if not len(cases) == len(masks) == len(soft_masks) or set(folds["case"]) != set(cases["case"]):
        raise UserError(
            f"{folder}: its files do not belong together: {len(cases)} cases, {len(masks)} masks, "
            f"{len(soft_masks)} soft masks, {len(folds)} cases in folds.csv. "
            f"Run {way_to('split', name, again=True, root=root)}."
        )
    cases = cases.merge(folds, on="case", validate="one_to_one")
    tested = cases["fold"].isin(tested_folds(name, root / params) or cases["fold"]).to_numpy()
    return PreparedBenchmark(name, cases[tested].reset_index(drop=True), masks[tested], soft_masks[tested])


def tested_folds(name: str, path: Path) -> list[int]:
    """The folds that the parameters have a benchmark train; empty where it is not declared (a folder of its own)."""
    benchmarks = read_parameters(path).benchmarks if path.is_file() else {}
    return benchmarks[name].folds if name in benchmarks else []


def truth_table(benchmark: PreparedBenchmark) -> pd.DataFrame:
    """The truth of each case, small enough to be published; columns as docs/contracts.md has them."""
    rows = []
    for case, grid_mask in zip(benchmark.cases.to_dict("records"), benchmark.masks.astype(bool), strict=True):
        native = run_length.decode(case["mask"], case["height"], case["width"])
        rows.append(
            {column: case[column] for column in ("case", "class", "label", "group", "height", "width", "flags")}
            | {
                "area": float(native.mean()),
                "grid": benchmark.grid,
                "mask": run_length.encode(grid_mask),
                "ceiling_dice": dice(to_native(grid_mask, *native.shape), native),
            }
        )
    return pd.DataFrame(rows)
