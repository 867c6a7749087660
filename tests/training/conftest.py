"""A tiny benchmark of bright squares (benign) and bars (malignant), and cells on it."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks.configuration import Benchmark, Model, Normalisation, Selection, Split, Training, read_parameters
from benchmarks.protocols.split import fold_table
from benchmarks.training.cell import Cell, Fingerprint, declared_cell

SIZE = 32
COUNTS = {"both": 331, "segmentation": 313, "classification": 258}  # parameters of `toy.Toy`, by its heads


def write_prepared(folder, split: Split) -> None:
    generator = np.random.default_rng(0)
    images = generator.integers(0, 60, (36, SIZE, SIZE), dtype=np.uint8)
    masks = np.zeros_like(images)
    for index in range(36):
        row, column = generator.integers(2, 12, 2)
        height, width = (8, 8) if index < 20 else (18, 5)
        masks[index, row : row + height, column : column + width] = 1
    images[masks == 1] += 120
    cases = pd.DataFrame({"case": [f"case{i:02}" for i in range(36)], "class": ["benign"] * 20 + ["malignant"] * 16})
    cases["group"], cases["label"] = cases["case"], (cases["class"] == "malignant").astype(int)
    folds = fold_table(cases, split)
    assert (folds["case"] == cases["case"]).all()
    folder.mkdir(parents=True)
    np.savez_compressed(folder / "images.npz", images=images, masks=masks, soft_masks=masks * 255)
    cases.to_parquet(folder / "cases.parquet", index=False)
    folds.to_csv(folder / "folds.csv", index=False)


def tiny_benchmark(split: Split, epochs: int, **changes) -> Benchmark:
    """The benchmark that `write_prepared` prepares: inner validation, batches of eight, one seed."""
    usual = {
        "selection": Selection("inner_validation"),
        "scoring": "standard",
        "training": Training(epochs, 8, [0], "none", "paper"),
    }
    settings = {"classes": ["benign", "malignant"], "image_size": SIZE, "normalisation": Normalisation(0.3, 0.2)}
    return Benchmark("phantom", split=split, **(settings | usual | changes))


@pytest.fixture
def make_cell(tmp_path, monkeypatch, repository):
    """A function that gives a cell of the benchmark `tiny` in an empty working folder."""
    torch.set_num_threads(1)
    monkeypatch.chdir(tmp_path)
    split = Split("grouped_stratified", 2, 0, 0.25)
    write_prepared(tmp_path / "prepared" / "benchmarks" / "tiny", split)

    def make(arguments: dict | None = None, epochs: int = 4, network: str = "Toy", **changes) -> Cell:
        parameters = read_parameters(repository / "params.yaml")
        count = COUNTS[(arguments or {}).get("heads", "both")]
        models = {"toy": Model(f"tests.training.toy:{network}", arguments or {}, parameters=count)}
        engine = dataclasses.replace(parameters.engine, device="cpu", threads=1)
        changed = dataclasses.replace(
            parameters,
            benchmarks={"tiny": tiny_benchmark(split, epochs, **changes)},
            models=parameters.models | models,
            engine=engine,
        )
        return dataclasses.replace(
            declared_cell(changed, "tiny", "toy"), fingerprint=Fingerprint("stated", "does", "text")
        )

    return make
