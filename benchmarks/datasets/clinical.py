"""What a dataset's published table says of each image beside its class: the device, and the BI-RADS category.

Neither enters a prepared dataset, so that no training hangs on it: they divide what a network does on another dataset.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from benchmarks.datasets import Dataset
from benchmarks.datasets.breast import TABLE
from benchmarks.datasets.busbra import ROOT
from benchmarks.datasets.files import read_csv
from benchmarks.errors import UserError

COLUMNS = ["case", "device", "birads"]


def clinical_facts(dataset: Dataset, folder: Path) -> pd.DataFrame:
    """A row per image that the dataset's table names: `case`, `device`, `birads` (text, empty where not stated).

    Args:
        dataset: one whose table is not read gives no rows.
        folder: of its files.

    Raises:
        UserError: the table is missing, cannot be read, or lacks a column.
    """
    read = READERS.get(dataset.read.__module__)
    return read(folder) if read else pd.DataFrame(columns=COLUMNS)


def breast_facts(folder: Path) -> pd.DataFrame:
    """BrEaST states no device for each image. Its subcategories 4a, 4b and 4c are kept."""
    names = ["Image_filename", "BIRADS"]
    try:
        table = pd.read_excel(folder / TABLE, usecols=names, dtype=str)
    except Exception as error:  # openpyxl and zipfile raise many kinds
        raise UserError(
            f"{folder / TABLE}: expected the clinical table with the columns {', '.join(names)}: {error}. "
            "Fetch it again: `acsbench download breast`."
        ) from error
    facts = {"case": table["Image_filename"].str.removesuffix(".png"), "device": "", "birads": table["BIRADS"]}
    return pd.DataFrame(facts).fillna("")


def busbra_facts(folder: Path) -> pd.DataFrame:
    """The device with its probe's range, and the BI-RADS category, as `bus_data.csv` has them."""
    name = f"{ROOT}/bus_data.csv"
    rows = read_csv(folder / ROOT / "bus_data.csv", name, ("ID", "Device", "BIRADS"))
    return pd.DataFrame([(row["ID"], row["Device"], row["BIRADS"]) for row in rows], columns=COLUMNS)


READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    "benchmarks.datasets.breast": breast_facts,
    "benchmarks.datasets.busbra": busbra_facts,
}
