"""A bundle's networks are tested on other datasets there, and what they predict is entered here."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.bundle.absorb import absorb
from benchmarks.errors import UserError
from benchmarks.scoring.run_length import encode
from benchmarks.training.external import predict_cell
from tests.bundle.conftest import Home

TABLE = Path("reports/external/predictions/tiny/toy/elsewhere/seed0-fold0.parquet")


@pytest.fixture
def tested(home) -> Home:
    """The home with its own images once more as the dataset `elsewhere`, that networks are tested on."""
    own, other = Path("prepared/benchmarks/tiny"), Path("prepared/external/elsewhere-32")
    other.mkdir(parents=True)
    arrays = np.load(own / "images.npz")
    np.savez(other / "images.npz", images=arrays["images"], masks=arrays["masks"])
    cases = pd.read_parquet(own / "cases.parquet").assign(height=32, width=32, flags="", device="", birads="")
    cases["mask"] = cases["first_mask"] = [encode(mask) for mask in arrays["masks"]]
    cases.to_parquet(other / "cases.parquet", index=False)
    benchmark = dataclasses.replace(home.parameters.benchmarks["tiny"], test_on=["elsewhere"])
    return Home(home.root, dataclasses.replace(home.parameters, benchmarks={"tiny": benchmark}))


def test_the_same_predictions_elsewhere_as_from_here(tested, borrow):
    machine = borrow(tested.bundle(cells=["tiny/toy"], benchmarks=[], folds=[0]))
    machine.run("--skip-check")
    absorb(tested.parameters, machine.results)
    brought = pd.read_parquet(TABLE)
    (entry,) = json.loads(Path("reports/external/records/tiny/toy/elsewhere.json").read_text())["networks"]
    assert (entry["seed"], entry["fold"], entry["cases"]) == (0, 0, len(brought)) == (0, 0, 36)
    TABLE.unlink()
    predict_cell(tested.cell(), [(0, 0)], ["elsewhere"])  # from the weights that came back
    pd.testing.assert_frame_equal(pd.read_parquet(TABLE), brought)


def test_predictions_for_images_that_are_others_here_are_refused(tested, borrow):
    machine = borrow(tested.bundle(cells=["tiny/toy"], benchmarks=[], folds=[0]))
    machine.run("--skip-check")
    cases = pd.read_parquet("prepared/external/elsewhere-32/cases.parquet")
    cases.assign(label=1 - cases["label"]).to_parquet("prepared/external/elsewhere-32/cases.parquet", index=False)
    with pytest.raises(UserError, match="tests on elsewhere: of other code, parameters, images or cases than here"):
        absorb(tested.parameters, machine.results)
    assert Path("runs/tiny/toy/seed0-fold0/record.json").is_file()
    assert not TABLE.exists()
