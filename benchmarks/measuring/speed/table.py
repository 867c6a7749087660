"""`reports/speed.csv`: one row for each job on each device of each machine, the last that was measured."""

from pathlib import Path

import pandas as pd

from benchmarks.errors import UserError

MEASURED = Path("reports/speed.csv")
KEY = ["machine", "device", "job"]
COLUMNS = [
    *KEY,
    "conventional_seconds",
    "seconds",
    "ratio",
    "share_of_ceiling",
    "repetitions",
    "conventional_minimum",
    "conventional_maximum",
    "minimum",
    "maximum",
    "memory",  # GiB at most
    "operations",
    "ceiling",  # operations per second in a matrix product
    "threads",
    "torch",
]


def read_speed(path: Path = MEASURED) -> pd.DataFrame:
    """The table; empty where nothing has been measured.

    Raises:
        UserError: it lacks a column.
    """
    if not path.is_file():
        return pd.DataFrame(columns=COLUMNS)
    table = pd.read_csv(path, dtype={"torch": str})
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise UserError(f"{path}: expected the columns {', '.join(COLUMNS)}; {', '.join(missing)} not found.")
    return table[COLUMNS]


def merged(before: pd.DataFrame, rows: list[dict]) -> pd.DataFrame:
    """The table with these rows in the place of those of the same machine, device and job, or else at its end."""
    found = {tuple(row[name] for name in KEY): row for row in before.to_dict("records")}
    found |= {tuple(row[name] for name in KEY): row for row in rows}
    return pd.DataFrame(list(found.values()), columns=COLUMNS)
