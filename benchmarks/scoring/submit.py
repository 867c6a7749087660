"""Enter the predictions of a network that is not in this repository: see docs/submit-predictions.md.

`acsbench submit <benchmark> <name> <table>` checks the table against the benchmark; if all is well, it becomes
`reports/predictions/<benchmark>/external_<name>.parquet`, under the selection rule `external`: how its epochs were
selected is for its authors to say. Scoring treats it like any other model; the comparison puts it under the
benchmark's own selection rule and calls it external (`benchmarks/reporting/results.py`).
"""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import image_files
from benchmarks.configuration import PARAMETERS
from benchmarks.errors import UserError
from benchmarks.scoring import run_length
from benchmarks.scoring.files import write_parquet
from benchmarks.scoring.foretold import foretell
from benchmarks.scoring.identifiers import cases_by_identifier
from benchmarks.scoring.predictions import COLUMNS, problems, some
from benchmarks.scoring.slips import slip_of_probabilities, slips_of_columns, slips_of_names
from benchmarks.scoring.truth import PreparedBenchmark, read_benchmark

SELECTION = "external"
KNOWN_COLUMNS = ["case", "seed", "probability", "height", "width", "mask"]
MASK_COLUMNS = ["height", "width", "mask"]


def read_table(path: Path) -> pd.DataFrame:
    """A submitted table, with only known columns, `case` and `seed` (0 by default) among them.

    Raises:
        UserError: it cannot be read, or its columns are not as documented.
    """
    readers = {".csv": lambda file: pd.read_csv(file, dtype={"case": str, "mask": str}), ".parquet": pd.read_parquet}
    if path.suffix not in readers:
        raise UserError(f"{path}: expected a table that ends in .csv or .parquet.")
    try:
        table = readers[path.suffix](path)
    except Exception as error:  # pandas and pyarrow raise many kinds
        raise UserError(f"{path}: not a readable table ({error}); a CSV is in UTF-8, separated by commas.") from error
    unknown = [column for column in table.columns if column not in KNOWN_COLUMNS]
    if unknown or "case" not in table.columns:
        found = f"unknown: {', '.join(unknown)}" if unknown else "case is missing"
        expected = f"expected case and others of the columns {', '.join(KNOWN_COLUMNS)}"
        separated = ", separated by commas" if path.suffix == ".csv" else ""
        hint = slips_of_columns(list(table.columns), KNOWN_COLUMNS)
        raise UserError(f"{path}: {expected}{separated}; {found}.{hint}")
    if "mask" in table.columns and not {"height", "width"} <= set(table.columns):
        raise UserError(f"{path}: a column mask of run lengths needs the columns height and width beside it.")
    seeds = pd.to_numeric(table["seed"] if "seed" in table.columns else pd.Series(0, table.index), errors="coerce")
    if not ((seeds % 1 == 0) & (seeds.abs() < 2**31)).all():
        raise UserError(f"{path}: column seed must hold whole numbers in every row, or be left out for a single seed.")
    return table.assign(case=table["case"].astype(str), seed=seeds.astype(int))


def read_masks(folder: Path, cases: list[str]) -> pd.DataFrame:
    """Masks from `<case>.png` for each case, as run lengths: columns `case`, `height`, `width`, `mask`.

    The folder may be what nnU-Net's predict leaves: files of the export's identifiers, beside others that are no
    images, or a folder `fold_<k>` for each fold.

    Raises:
        UserError: the folder lacks a case or holds another, or an image is no binary mask; all of them listed.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: not a folder; expected one with a file <case>.png for each case.")
    paths = [*sorted(folder.glob("*.png")), *sorted(folder.glob("fold_*/*.png"))]
    named = cases_by_identifier(cases)
    found = {path: path.stem if path.stem in set(cases) else named.get(path.stem, path.stem) for path in paths}
    files = {case: path for path, case in found.items()}
    lines = folder_problems(found, cases)
    rows = []
    for case in cases if not lines else []:
        try:
            mask = read_mask(files[case], files[case].name)
            rows.append((case, *mask.shape, run_length.encode(mask)))
        except UserError as error:
            lines.append(str(error))
    if lines:
        raise UserError("\n  ".join([f"{folder}: expected a binary mask <case>.png for each case.", *lines]))
    return pd.DataFrame(rows, columns=["case", *MASK_COLUMNS])


def folder_problems(found: dict[Path, str], cases: list[str]) -> list[str]:
    """What keeps the files of a folder, `{path: case}`, from being one mask for each case, a line each."""
    there, known = list(found.values()), set(cases)
    absent = [case for case in cases if case not in set(there)]
    strangers = [path.name for path, case in found.items() if case not in known]
    doubled = sorted({case for case in there if there.count(case) > 1})
    lines = [f"{len(absent)} of {len(cases)} cases missing: {some(absent)}"] if absent else []
    lines += [f"{len(strangers)} files are of no case: {some(strangers)}"] if strangers else []
    lines += [f"{len(doubled)} cases have several files: {some(doubled)}"] if doubled else []
    return lines + slips_of_names([Path(name).stem for name in strangers], cases)


def read_mask(path: Path, name: str) -> np.ndarray:
    """A binary mask (H, W) from an image in which 0 is background and one other grey level is lesion.

    Raises:
        UserError: under `name`, it cannot be read, or has more levels: where a prediction ends, its authors must say.
    """
    mask = image_files.read_mask(path, name)
    if mask.between:
        raise UserError(
            f"{name}: not binary, {mask.between} pixels are neither 0 nor its highest grey level; threshold it and "
            "save it without loss"
        )
    return mask.lesion


def empty_columns(table: pd.DataFrame) -> list[str]:
    """The tasks whose column stands in a table and is empty in every row, a line each."""
    tasks = {"probability": "classification", "mask": "segmentation"}
    return [
        f"column {column} is empty in every row: the network is left out of {task}."
        for column, task in tasks.items()
        if column in table.columns and table[column].isna().all()
    ]


def as_predictions(table: pd.DataFrame, benchmark: PreparedBenchmark) -> pd.DataFrame:
    """A submitted table in the format of `reports/predictions/`, in the benchmark's order of cases."""
    order = pd.Series(range(len(benchmark.cases)), index=benchmark.cases["case"])
    fold = benchmark.cases.set_index("case")["fold"]
    rows = table.reindex(columns=KNOWN_COLUMNS).assign(
        selection=SELECTION,
        fold=table["case"].map(fold).fillna(-1).astype(int),
        epoch=pd.array([pd.NA] * len(table), dtype="Int64"),
        place=table["case"].map(order),
    )
    return rows.sort_values(["seed", "place"], kind="stable", ignore_index=True)[COLUMNS]


def submit(
    benchmark_name: str,
    name: str,
    path: Path,
    masks: Path | None = None,
    root: Path = Path(),
    params: Path = PARAMETERS,
) -> tuple[Path, pd.DataFrame]:
    """Check a table of predictions and enter it below `root`; returns the file written and its content.

    Raises:
        UserError: a name that cannot be a file's, a table that cannot be read, or predictions that do not fit the
            benchmark: cases missing, doubled or unknown, probabilities outside [0, 1], masks of another size.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise UserError(f"{name!r}: a name must be of lower-case letters, digits, - and _, such as my-network.")
    benchmark = read_benchmark(benchmark_name, root, params)
    cases = benchmark.cases["case"].tolist()
    if path.is_dir():  # masks alone, as nnU-Net's predict leaves them
        table, masks = pd.DataFrame({"case": cases, "seed": 0}), masks or path
    else:
        table = read_table(path)
    if masks:
        if "mask" in table.columns or len(set(table["seed"])) > 1:
            raise UserError(f"{path}: with --masks the table must have a single seed and no column mask.")
        read = read_masks(masks, cases)
        table = table.drop(columns=["height", "width"], errors="ignore").merge(read, on="case", how="left")
    predictions = as_predictions(table, benchmark)
    lines = problems(predictions, benchmark)
    if lines:
        lines += slips_of_names(sorted(set(table["case"]) - set(cases)), cases)
        lines += slip_of_probabilities(pd.to_numeric(predictions["probability"], errors="coerce").dropna().tolist())
        raise UserError("\n  ".join([f"{path}: these predictions do not fit {benchmark_name}.", *lines]))
    target = root / "reports" / "predictions" / benchmark_name / f"external_{name}.parquet"
    write_parquet(predictions, target)
    foretold = foretell(predictions, benchmark)
    print(f"The table will say: {'; '.join(foretold.said)}.")
    for line in [*empty_columns(table), *foretold.doubts]:
        print(f"warning: {path}: {line}", file=sys.stderr)
    return target, predictions
