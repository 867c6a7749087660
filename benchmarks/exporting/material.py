"""What every export holds: a benchmark's cases with their folds, and image and mask of each at native size."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from benchmarks.configuration import Parameters
from benchmarks.datasets import Dataset, find_dataset
from benchmarks.datasets.prepared import image, read_prepared
from benchmarks.errors import UserError
from benchmarks.protocols.split import FOLDS, read_folds
from benchmarks.scoring.identifiers import cases_by_identifier
from benchmarks.scoring.run_length import decode

FACTS = ["case", "identifier", "class", "label", "group", "height", "width", "flags", "fold"]


@dataclass(frozen=True)
class Material:
    """A benchmark as it is exported; `cases` has a row per case, in the order of its fold file."""

    name: str
    dataset: Dataset
    cases: pd.DataFrame  # FACTS, and `mask`, `offset` of the prepared dataset
    folds: pd.DataFrame  # case, class, group, fold, role_0 ...
    pixels: np.ndarray
    validated: bool  # whether each fold sets cases aside for inner validation

    @property
    def fold_numbers(self) -> list[int]:
        return [int(name.removeprefix("role_")) for name in self.folds.columns if name.startswith("role_")]

    def named(self, fold: int, role: str) -> pd.DataFrame:
        """The cases of a role (`train`, `validation`, `test`) when a fold is tested."""
        return self.cases[(self.folds[f"role_{fold}"] == role).to_numpy()]

    def images(self) -> Iterator[tuple[pd.Series, np.ndarray, np.ndarray]]:
        """Each case with its image, uint8 (H, W), and its mask, bool (H, W), under a bar."""
        for _, case in tqdm(self.cases.iterrows(), total=len(self.cases), desc=f"export {self.name}", unit="case"):
            yield case, image(case, self.pixels), decode(case["mask"], case["height"], case["width"])


def read_material(parameters: Parameters, name: str) -> Material:
    """A benchmark's cases from its prepared dataset and its fold file.

    Raises:
        UserError: the benchmark is unknown, its dataset not prepared, its folds not drawn, or the two do not fit.
    """
    benchmark = parameters.benchmark(name)
    table, pixels = read_prepared(benchmark.dataset)
    folds = read_folds(FOLDS / f"{name}.csv")
    if unknown := sorted(set(folds["case"]) - set(table["case"])):
        raise UserError(
            f"{FOLDS / name}.csv: {len(unknown)} of its cases are not in prepared/datasets/{benchmark.dataset} "
            f"({', '.join(unknown[:5])}). Run `dvc repro split@{name}`."
        )
    names = {case: identifier for identifier, case in cases_by_identifier(folds["case"]).items()}
    cases = table.set_index("case").loc[folds["case"]].reset_index()
    cases = cases.assign(
        identifier=[names[case] for case in cases["case"]],
        label=[benchmark.classes.index(one) for one in cases["class"]],
        fold=folds["fold"].to_numpy(),
    )
    validated = benchmark.split.validation > 0
    return Material(name, find_dataset(benchmark.dataset), cases[[*FACTS, "mask", "offset"]], folds, pixels, validated)


def write_png(levels: np.ndarray, path: Path) -> None:
    """A grey image, uint8 (H, W)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.ascontiguousarray(levels)).save(path)


def write_tables(material: Material, folder: Path) -> None:
    """`cases.csv` and `folds.csv`: what each case is, and its role in each fold."""
    material.cases[FACTS].to_csv(folder / "cases.csv", index=False, lineterminator="\n")
    material.folds.to_csv(folder / "folds.csv", index=False, lineterminator="\n")


def origin(material: Material) -> str:
    """Whose images these are, for the text that lies beside them."""
    dataset = material.dataset
    return f"Images: {dataset.title}. {dataset.citation} Terms: {dataset.terms}"
