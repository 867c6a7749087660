"""What is drawn is what is on file: a table comes back with the numbers that were written."""

import numpy as np
import pandas as pd

from benchmarks.reporting.files import write_text
from benchmarks.reporting.tables.stored import csv_text, read_stored, rounded


def test_numbers_come_back_as_they_were_rounded(tmp_path):
    random = np.random.default_rng(0)
    values = random.uniform(1, 10, 20_000) * 10.0 ** random.integers(-12, 6, 20_000)
    table = rounded(pd.DataFrame({"model": "1", "bars": ["", "1"] * 10_000, "value": values}))
    write_text(csv_text(table), tmp_path / "a.csv")
    stored = read_stored(tmp_path / "a.csv")
    assert (stored["value"] == table["value"]).all()
    large = values >= 1  # the thirteenth decimal is far beyond their sixth digit
    assert (stored["value"][large] == [float(f"{value:.6g}") for value in values[large]]).all()
    np.testing.assert_allclose(stored["value"], values, rtol=5e-6, atol=5.1e-14)
    assert set(stored["bars"].dropna()) == {"1"}  # names and lists of numbers stay texts
    assert set(stored["model"]) == {"1"}


def test_digits_that_a_sum_leaves_to_the_machine_are_dropped():
    table = rounded(pd.DataFrame({"value": [1.70016e-10, 1.70015e-10, 0.1 + 0.2, 2.2e-16, 1234567.0, float("nan")]}))
    assert table["value"].tolist()[:5] == [1.7e-10, 1.7e-10, 0.3, 0.0, 1234570.0]
    assert table["value"].isna().sum() == 1
