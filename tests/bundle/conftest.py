"""A home folder with a tiny benchmark of two toy networks, its bundle, and a machine that knows nothing else."""

import contextlib
import dataclasses
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch

from benchmarks.bundle.pack import Asked, pack
from benchmarks.configuration import Model, Parameters, Split, Study, read_parameters
from benchmarks.training.cell import Cell
from benchmarks.training.fingerprints import read_cell
from tests.training.conftest import COUNTS, tiny_benchmark, write_prepared

EPOCHS = 20
SPLIT = Split("grouped_stratified", 2, 0, 0.25)
MODELS = ("toy", "second")


def tiny_parameters(repository: Path) -> Parameters:
    """Two toy networks on a benchmark of two folds; `second` is the reference."""
    parameters = read_parameters(repository / "params.yaml")
    toys = {
        "toy": Model("tests.training.toy:Toy", parameters=COUNTS["both"]),
        "second": Model("tests.training.toy:ToyWithItsOwnLoss", parameters=COUNTS["both"]),
    }
    return dataclasses.replace(
        parameters,
        reference="second",
        studies={"tiny": Study({"tiny": "phantom"}, list(MODELS))},
        front_page=[],
        benchmarks={"tiny": tiny_benchmark(SPLIT, EPOCHS)},
        models=toys,
        engine=dataclasses.replace(parameters.engine, device="cpu", threads=1),
    )


class Home:
    """Where bundles are made, and archives absorbed."""

    def __init__(self, root: Path, parameters: Parameters):
        self.root, self.parameters = root, parameters

    def bundle(self, name: str = "bundle.zip", **asked) -> Path:
        pack(self.parameters, Asked(**({"benchmarks": ["tiny"], "minutes": 5, "megabytes": 5} | asked)), Path(name))
        return self.root / name

    def cell(self, model: str = "toy") -> Cell:
        return read_cell(self.parameters, "tiny", model)


@pytest.fixture(scope="session")
def home_once(tmp_path_factory, repository) -> Home:
    """A home whose cells are measured."""
    torch.set_num_threads(1)
    home = Home(tmp_path_factory.mktemp("home"), tiny_parameters(repository))
    write_prepared(home.root / "prepared" / "benchmarks" / "tiny", SPLIT)
    with contextlib.chdir(home.root):
        for model in MODELS:
            home.cell(model)
    return home


@pytest.fixture
def home(home_once: Home, tmp_path: Path, monkeypatch) -> Home:
    """A copy of it that a test may change, as the working folder."""
    root = shutil.copytree(home_once.root, tmp_path / "home")
    monkeypatch.chdir(root)
    return Home(root, home_once.parameters)


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
