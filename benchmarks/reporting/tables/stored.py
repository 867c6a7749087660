"""A table as it is stored: its rows in order, numbers with six significant digits, as CSV."""

from collections.abc import Hashable
from pathlib import Path

import pandas as pd
from pandas.api.types import is_float_dtype

from benchmarks.reporting.labels import SELECTION_RULES

DECIMALS = 13
TEXT_COLUMNS: dict[Hashable, type[str]] = dict.fromkeys(
    ("model", "model_a", "model_b", "case", "group", "stratum", "bars"), str
)


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """The table with six significant digits, as it is stored: what is drawn or printed is what is on file.

    Digits beyond the thirteenth decimal are rounding errors of sums and depend on the machine: they are dropped first.
    """
    columns = {name: table[name] for name in table if is_float_dtype(table[name])}
    return table.assign(
        **{name: [float(f"{round(value, DECIMALS):.6g}") for value in column] for name, column in columns.items()}
    )


def in_order(table: pd.DataFrame, models: list[str], column: str = "model") -> pd.DataFrame:
    """Rows by selection rule (as first met), then model (the reference first), then as they were."""
    place = {model: i for i, model in enumerate(models)}
    keys = pd.DataFrame({"model": table[column].map(place)})
    if "selection" in table:
        keys.insert(0, "selection", table["selection"].map({rule: i for i, rule in enumerate(SELECTION_RULES)}))
    return table.loc[keys.sort_values(list(keys), kind="stable").index].reset_index(drop=True)


def csv_text(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, float_format="%.6g", lineterminator="\n")


def read_stored(path: Path) -> pd.DataFrame:
    """A stored table; of six digits, pandas reads the very numbers that were written."""
    return pd.read_csv(path, dtype=TEXT_COLUMNS)
