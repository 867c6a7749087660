"""Tables of predictions, `reports/predictions/<benchmark>/<model>.parquet`: reading them, and all that may be wrong."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from benchmarks.errors import UserError
from benchmarks.scoring import run_length
from benchmarks.scoring.truth import PreparedBenchmark

COLUMNS = ["selection", "seed", "fold", "case", "epoch", "probability", "height", "width", "mask"]


def read_predictions(path: Path) -> pd.DataFrame:
    """The table, its columns in their order.

    Raises:
        UserError: it is not a Parquet file, or lacks a column.
    """
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not a readable Parquet file ({error}).") from error
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise UserError(f"{path}: expected the columns {', '.join(COLUMNS)}; {', '.join(missing)} not found.")
    return table[COLUMNS]


def digest(predictions: pd.DataFrame) -> str:
    """SHA-256 of the content, the same on every machine and under every version of the Parquet writer."""
    return hashlib.sha256(predictions.to_csv(index=False, lineterminator="\n").encode()).hexdigest()


def problems(predictions: pd.DataFrame, benchmark: PreparedBenchmark) -> list[str]:
    """Everything that keeps these predictions from being scored on this benchmark, a line each; empty if nothing."""
    found = []
    if predictions.empty:
        return ["it has no rows"]
    for column in ("selection", "seed", "fold", "case"):
        if predictions[column].isna().any():
            found.append(f"column {column} has {predictions[column].isna().sum()} empty cells")
    for (selection, seed), rows in predictions.groupby(["selection", "seed"]):  # ty: ignore[not-iterable]  # pandas: a group's key is a Hashable
        found += [f"selection {selection}, seed {seed}: {line}" for line in case_problems(rows["case"], benchmark)]
    tested_in = predictions["case"].map(benchmark.cases.set_index("case")["fold"])
    astray = predictions[tested_in.notna() & (tested_in != predictions["fold"])]
    if len(astray):
        found.append(f"predicted in another fold than the one in which they are tested: {some(astray['case'])}")
    return found + probability_problems(predictions) + mask_problems(predictions, benchmark)


def case_problems(cases: pd.Series, benchmark: PreparedBenchmark) -> list[str]:
    """Cases that are missing, doubled or not of the benchmark; each should stand once."""
    expected = benchmark.cases["case"]
    kinds = {
        "missing": expected[~expected.isin(set(cases))],
        "doubled": cases[cases.duplicated()].drop_duplicates(),
        f"not in {benchmark.name}": cases[~cases.isin(set(expected))],
    }
    return [
        f"{len(named)} of {len(expected)} cases {kind}: {some(named)}" for kind, named in kinds.items() if len(named)
    ]


def probability_problems(predictions: pd.DataFrame) -> list[str]:
    """Probabilities that are not numbers in [0, 1]; a model without a classification head has none at all."""
    given = predictions["probability"]
    numbers = pd.to_numeric(given, errors="coerce")
    if given.isna().all():
        return ["neither a probability nor a mask anywhere"] if predictions["mask"].isna().all() else []
    kinds = {
        "without a probability": given.isna(),
        "whose probability is not a number in [0, 1]": given.notna() & ~numbers.between(0, 1),
    }
    return [
        f"{wrong.sum()} rows {kind}: {some(predictions['case'][wrong])}" for kind, wrong in kinds.items() if wrong.any()
    ]


def mask_problems(predictions: pd.DataFrame, benchmark: PreparedBenchmark) -> list[str]:
    """Masks that are missing, of the wrong size, or no run lengths; a model without a segmentation head has none."""
    if predictions["mask"].isna().all():
        return []
    native = benchmark.cases.set_index("case")[["height", "width"]].apply(tuple, axis=1).to_dict()
    grid = (benchmark.grid, benchmark.grid)
    without, misfits, broken = [], [], []
    for row in predictions[["case", "height", "width", "mask"]].itertuples(index=False):
        if pd.isna(row.mask):
            without.append(row.case)
        elif (row.height, row.width) not in (grid, native.get(row.case, grid)):
            misfits.append(f"{row.case} ({row.height} x {row.width})")
        else:
            try:
                run_length.decode(row.mask, int(row.height), int(row.width))
            except UserError as error:
                broken.append(f"{row.case}: {error}")
    size = f"{grid[0]} x {grid[1]} pixels or the image's native size"
    return (
        ([f"{len(without)} rows without a mask: {some(without)}"] if without else [])
        + ([f"{len(misfits)} masks are not {size} (height x width): {some(misfits)}"] if misfits else [])
        + ([f"{len(broken)} masks cannot be read: {some(broken, 3)}"] if broken else [])
    )


def some(names: Iterable[str], shown: int = 8) -> str:
    """The first few names, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(map(str, names[:shown])) + more
