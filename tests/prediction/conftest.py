"""A made-up dataset of PNG files, from these files to trained networks by the code that does it for the real ones."""

import dataclasses
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks.configuration import Parameters, read_parameters
from benchmarks.datasets.dataset import Case, Dataset
from benchmarks.datasets.prepare import prepare
from benchmarks.image_files import read_image, read_mask
from benchmarks.protocols.split import write_benchmark
from benchmarks.training.cell import Fingerprint, declared_cell
from benchmarks.training.fingerprints import stated_digest
from benchmarks.training.train import train_cell

BENIGN, MALIGNANT = 20, 16
PARAMETERS = """
datasets: [discs]
reference: toy
studies: {made: {benchmarks: {tiny: discs}, models: [toy]}}
benchmarks:
  tiny:
    description: Made up for the tests.
    dataset: discs
    classes: [benign, malignant]
    image_size: 32
    normalisation: {mean: 0.33, std: 0.2}
    split: {rule: grouped_stratified, folds: 2, seed: 0, validation: 0.25}
    selection: {rule: inner_validation}
    scoring: standard
    training: {epochs: 3, batch_size: 8, seeds: [0], encoder_weights: none, recipe: paper}
models:
  toy: {network: "tests.training.toy:Toy"}
  toy_masks: {network: "tests.training.toy:Toy", arguments: {heads: segmentation}, parameters: 313}
  toy_class: {network: "tests.training.toy:Toy", arguments: {heads: classification}, parameters: 258}
recipes:
  paper:
    optimiser: {name: adam, learning_rate: 0.01}
    schedule: {name: cosine}
    augmentation: []
    losses: {segmentation: soft_dice, classification: cross_entropy}
    balancing: {name: automatic}
engine: {device: cpu, threads: 1, concurrent_runs: 1}
"""


def write_images(folder: Path) -> None:
    """Bright discs (benign) and bars (malignant) on noise, each image of a size of its own."""
    folder.mkdir(parents=True)
    generator = np.random.default_rng(0)
    for index in range(BENIGN + MALIGNANT):
        height, width = generator.integers(45, 80, 2)
        rows, columns = np.mgrid[:height, :width]
        at, beside = generator.integers(15, 30, 2)
        disc = (rows - at) ** 2 + (columns - beside) ** 2 < 81
        lesion = disc if index < BENIGN else (abs(rows - at) < 14) & (abs(columns - beside) < 5)
        levels = generator.integers(0, 60, (height, width), dtype=np.uint8) + lesion.astype(np.uint8) * 120
        Image.fromarray(levels).save(folder / f"case{index:02}.png")
        Image.fromarray(lesion).save(folder / f"mask{index:02}.png")


def read(folder: Path, problems: list[str]) -> Iterator[Case]:
    for index in range(BENIGN + MALIGNANT):
        name, lesion = f"case{index:02}", read_mask(folder / f"mask{index:02}.png").lesion
        kind = "benign" if index < BENIGN else "malignant"
        yield Case(name, kind, name, read_image(folder / f"{name}.png").levels, (lesion,))


def train(parameters: Parameters, model: str) -> None:
    """Both folds, by the engine."""
    cell = declared_cell(parameters, "tiny", model)
    fingerprint = Fingerprint(stated_digest(parameters, "tiny", model), "does", "text")
    train_cell(dataclasses.replace(cell, fingerprint=fingerprint), cell.runs)


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory) -> Path:
    root, before = tmp_path_factory.mktemp("discs"), Path.cwd()
    torch.set_num_threads(1)
    os.chdir(root)
    try:
        (root / "params.yaml").write_text(PARAMETERS, encoding="utf-8")
        write_images(root / "data" / "discs")
        counts = {"benign": BENIGN, "malignant": MALIGNANT, "normal": 0}
        discs = Dataset("discs", "Discs", "none", "CC0", "none", counts, BENIGN + MALIGNANT, read)
        prepare(discs, Path("data/discs"), Path("prepared/datasets/discs"))
        parameters = read_parameters(Path("params.yaml"))
        write_benchmark("tiny", parameters.benchmark("tiny"))
        for model in parameters.models:
            train(parameters, model)
    finally:
        os.chdir(before)
    return root


@pytest.fixture
def trained(trained_once, tmp_path, monkeypatch) -> Path:
    """A copy, which is the working folder: data/discs/, prepared/, and runs/tiny/ with three models of two folds."""
    root = shutil.copytree(trained_once, tmp_path / "repository")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def parameters(trained) -> Parameters:
    return read_parameters(trained / "params.yaml")
