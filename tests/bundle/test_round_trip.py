"""A bundle's runs are those that would have been trained here, bit for bit."""

import pandas as pd

from benchmarks.bundle.absorb import absorb
from benchmarks.training.fingerprints import read_cell
from benchmarks.training.train import train_cell


def directly_trained(home, model: str) -> pd.DataFrame:
    cell = read_cell(home.parameters, "tiny", model)
    train_cell(cell, cell.runs)
    return home.predictions(model)


def test_the_same_predictions_as_a_direct_run(home, borrow, tmp_path, capsys):
    machine = borrow(home.bundle())
    print(machine.run("--skip-check"))
    absorb(home.parameters, machine.results)
    print(capsys.readouterr().out)
    assert 0
