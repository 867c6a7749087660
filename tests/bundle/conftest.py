"""A home folder with a tiny benchmark of two toy networks, its bundle, and a machine that knows nothing else."""

import dataclasses
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import torch

from benchmarks.bundle.pack import Asked, pack
from benchmarks.configuration import (
    Benchmark,
    Model,
    Normalisation,
    Parameters,
    Selection,
    Split,
    Study,
    Training,
    read_parameters,
)
from tests.training.conftest import COUNTS, SIZE, write_prepared

SPLIT = Split("grouped_stratified", 2, 0, 0.25)
MODELS = ("toy", "second")


def tiny_parameters(repository: Path, epochs: int) -> Parameters:
    """Two toy networks on a benchmark of two folds; `second` is the reference."""
    parameters = read_parameters(repository / "params.yaml")
    benchmark = Benchmark(
        "phantom",
        ["benign", "malignant"],
        SIZE,
        Normalisation(0.3, 0.2),
        SPLIT,
        Selection("inner_validation"),
        "standard",
        Training(epochs, 8, [0], "none", "paper"),
    )
    toys = {
        "toy": Model("tests.training.toy:Toy", parameters=COUNTS["both"]),
        "second": Model("tests.training.toy:ToyWithItsOwnLoss", parameters=COUNTS["both"]),
    }
    return dataclasses.replace(
        parameters,
        reference="second",
        studies={"tiny": Study({"tiny": "phantom"}, list(MODELS))},
        benchmarks={"tiny": benchmark},
        models=toys,
        engine=dataclasses.replace(parameters.engine, device="cpu", threads=1),
    )


class Home:
    """Where bundles are made, and archives absorbed."""

    def __init__(self, root: Path, parameters: Parameters):
        self.root, self.parameters = root, parameters
        (root / "params.json").write_text(json.dumps(dataclasses.asdict(parameters)))

    def bundle(self, name: str = "bundle.zip", **asked) -> Path:
        pack(self.parameters, Asked(**({"benchmarks": ["tiny"], "minutes": 5, "megabytes": 5} | asked)), Path(name))
        return self.root / name

    def predictions(self, model: str) -> pd.DataFrame:
        return pd.read_parquet(self.root / "reports" / "predictions" / "tiny" / f"{model}.parquet")


@pytest.fixture
def make_home(tmp_path, monkeypatch, repository):
    """A function that gives an empty home with a number of epochs, and makes it the working folder."""
    torch.set_num_threads(1)
    root = tmp_path / "home"
    write_prepared(root / "prepared" / "benchmarks" / "tiny", SPLIT)
    monkeypatch.chdir(root)
    return lambda epochs=2: Home(root, tiny_parameters(repository, epochs))


@pytest.fixture
def home(make_home) -> Home:
    return make_home()


class Machine:
    """A borrowed machine: a folder, and Python without this repository."""

    def __init__(self, folder: Path, bundle: Path):
        self.folder = folder
        with zipfile.ZipFile(bundle) as archive:
            archive.extractall(folder)

    def start(self, *options: str, **environment: str) -> subprocess.Popen:
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.Popen(
            [sys.executable, "run.py", "--device", "cpu", *options],
            cwd=self.folder,
            env=clean | {"OMP_NUM_THREADS": "1", "PYTHONSAFEPATH": "", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(self, *options: str, status: int = 0) -> str:
        """What `python run.py` says on its output."""
        process = self.start(*options)
        output, said = process.communicate(timeout=120)
        assert process.returncode == status, said
        return output + said

    @property
    def results(self) -> Path:
        return self.folder / "results.zip"


@pytest.fixture
def borrow(tmp_path):
    """A function that unpacks a bundle on a new machine."""
    count = iter(range(9))
    return lambda bundle: Machine(tmp_path / f"machine{next(count)}", bundle)
