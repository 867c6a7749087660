"""A workspace with a tiny benchmark of two folds, its parameters in a file, and what a direct training of it gives."""

import dataclasses
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import torch

from benchmarks.configuration import Model, Parameters, Split, Study, read_parameters
from benchmarks.training.fingerprints import read_cell
from benchmarks.training.train import train_cell
from tests.training.conftest import tiny_benchmark, write_prepared

EPOCHS = 4
MODELS = {
    "toy": Model("tests.training.toy:Toy"),
    "outlines": Model("tests.training.toy:Toy", {"heads": "segmentation"}, parameters=313),
    "classes": Model("tests.training.toy:Toy", {"heads": "classification"}, parameters=258),
    "joint": Model(
        "tests.training.toy:ToyThatStartsFromTasks",
        initialise_from={"segmentation": "outlines", "classification": "classes"},
    ),
    "dies": Model("tests.launch.toys:DiesOnce"),
    "full": Model("tests.launch.toys:FillsTheDiskOnce"),
    "slow": Model("tests.launch.toys:SlowToy"),
}


@pytest.fixture
def parameters(tmp_path, monkeypatch, repository) -> Parameters:
    """Of a workspace that is the working folder; they stand in its params.json as well."""
    torch.set_num_threads(1)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(repository))
    split = Split("grouped_stratified", 2, 0, 0.25)
    write_prepared(tmp_path / "prepared" / "benchmarks" / "tiny", split)
    declared = read_parameters(repository / "params.yaml")
    changed = dataclasses.replace(
        declared,
        reference="toy",
        benchmarks={"tiny": tiny_benchmark(split, EPOCHS)},
        models=MODELS,
        studies={"tiny": Study({"tiny": "phantom"}, ["toy"])},
        front_page=[],
        engine=dataclasses.replace(declared.engine, device="cpu", threads=2),
    )
    (tmp_path / "params.json").write_text(json.dumps(dataclasses.asdict(changed)))
    return changed


def table(model: str) -> pd.DataFrame:
    return pd.read_parquet(Path("reports/predictions/tiny") / f"{model}.parquet")


@pytest.fixture
def directly(parameters):
    """A function that trains a model in this process, then forgets all but the predictions, which it returns."""

    def train(model: str = "toy") -> pd.DataFrame:
        one_thread = dataclasses.replace(parameters.engine, concurrent_runs=1, threads=1)
        cell = read_cell(dataclasses.replace(parameters, engine=one_thread), "tiny", model)
        train_cell(cell, cell.runs)
        found = table(model)
        shutil.rmtree(Path("runs/tiny") / model)
        shutil.rmtree("reports")
        return found

    return train
