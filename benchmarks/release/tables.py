"""The release's two kinds of records, predictions and scores, each as one table over all benchmarks and networks.

In the repository they are a file per benchmark and network (docs/contracts.md). Here the names of both stand in columns
of their own, and of other datasets' results the dataset's, before those of the files.
"""

import io
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet

from benchmarks.errors import UserError

Columns = dict[str, tuple[type, str]]
NAMES: Columns = {
    "benchmark": (str, "as in params.yaml"),
    "model": (str, "the network, as in params.yaml"),
}
OTHER_DATASET: Columns = {"dataset": (str, "that was tested")}

# Every column, its type and what it says.
RUN: Columns = {
    "case": (str, "the image, as its dataset names it"),
    "seed": (int, "of the training"),
    "fold": (int, "the fold that was tested; of other datasets' cases empty where a seed's networks answer as one"),
    "epoch": (int, "whose weights were selected, from 0"),
    "probability": (float, "of malignancy; empty without a classification head"),
}
SELECTION: Columns = {"selection": (str, "the rule that selected the epoch")}
MASK: Columns = {
    "height": (int, "of the mask, in pixels"),
    "width": (int, "of the mask, in pixels"),
    "mask": (str, "run lengths column by column, background first; empty without a segmentation head"),
}
TRUTH: Columns = {
    "class": (str, "benign or malignant"),
    "label": (int, "0 benign, 1 malignant"),
    "group": (str, "the patient, or the cluster of images of one lesion"),
}
SCORES: Columns = {
    "dice": (float, "overlap, 0 to 1"),
    "iou": (float, "intersection over union, 0 to 1"),
    "hd95": (float, "95th percentile of both directions' surface distances, in pixels"),
    "assd": (float, "average symmetric surface distance, in pixels"),
    "nsd": (float, "normalised surface Dice, 0 to 1"),
    "empty": (int, "1 where the predicted mask has no pixel"),
}
MORE_SCORES: Columns = {
    "hd95_larger_side": (float, "the larger of the two directions' 95th percentiles, in pixels"),
    "released_dice": (float, "Dice as the released code computes it"),
    "released_jaccard": (float, "intersection over union as the released code computes it"),
    "released_hd95": (float, "HD95 as the released code computes it, in pixels"),
    "released_asd": (float, "average surface distance as the released code computes it, in pixels"),
}


class Table(NamedTuple):
    """A kind of records: what they are, the folder of their files, and which columns these have, in any order.

    `names` stand in the files' paths: `<folder>/<benchmark>/<model>...`.
    """

    holds: str
    folder: str
    names: Columns
    columns: Columns


TABLES = {
    "predictions.parquet": Table(
        "Predictions for the cases of a benchmark's own dataset, each by a network that was not trained on that case.",
        "reports/predictions",
        NAMES,
        RUN | SELECTION | MASK,
    ),
    "external-predictions.parquet": Table(
        "Predictions for the cases of other datasets.",
        "reports/external/predictions",
        NAMES | OTHER_DATASET,
        RUN | MASK,
    ),
    "cases.csv": Table(
        "Scores of the predictions for a benchmark's own dataset.",
        "reports/cases",
        NAMES,
        RUN | SELECTION | TRUTH | SCORES | MORE_SCORES,
    ),
    "external-cases.csv": Table(
        "Scores of the predictions for other datasets.",
        "reports/external/cases",
        NAMES | OTHER_DATASET,
        RUN | TRUTH | SCORES,
    ),
}


def files_of_table(name: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The repository's files of a table, by path, sorted."""
    beginning, ending = f"{TABLES[name].folder}/", PurePosixPath(name).suffix
    return {path: files[path] for path in sorted(files) if path.startswith(beginning) and path.endswith(ending)}


def joined(name: str, files: Mapping[str, bytes]) -> bytes:
    """A table of the release: the rows of all its files, in the order of their paths.

    Args:
        name: of `TABLES`.
        files: the repository's, by path.

    Raises:
        UserError: a file has other columns than are described here, or its path names no benchmark and model.
    """
    join = joined_parquet if name.endswith(".parquet") else joined_csv
    return join(TABLES[name], files_of_table(name, files))


def joined_parquet(table: Table, files: Mapping[str, bytes]) -> bytes:
    parts = []
    for path, content in files.items():
        rows = pyarrow.parquet.read_table(io.BytesIO(content))
        check_columns(path, rows.column_names, table)
        for place, (column, value) in enumerate(names_of(path, table).items()):
            rows = rows.add_column(place, column, pa.array([value] * len(rows), pa.large_string()))
        parts.append(rows.replace_schema_metadata(None))
    written = io.BytesIO()
    # A network without a head has a column without a type; one of the probabilities' widths holds both.
    pyarrow.parquet.write_table(pa.concat_tables(parts, promote_options="permissive"), written, compression="zstd")
    return written.getvalue()


def joined_csv(table: Table, files: Mapping[str, bytes]) -> bytes:
    """As text, so that every number keeps its digits."""
    lines, header = [], None
    for path, content in files.items():
        first, *rows = content.decode().splitlines()
        check_columns(path, first.split(","), table)
        header = header or first
        if first != header:
            raise UserError(f"{path}: expected the columns in the order {header}, found {first}: score it anew.")
        names = ",".join(names_of(path, table).values())
        lines += [f"{names},{row}" for row in rows]
    return "".join(f"{line}\n" for line in [",".join([*table.names, header or ""]), *lines]).encode()


def names_of(path: str, table: Table) -> dict[str, str]:
    """What a file's path says of its rows: benchmark, model and, where it is another, the dataset."""
    found = PurePosixPath(path).relative_to(table.folder).with_suffix("").parts
    if len(found) < len(table.names):
        raise UserError(f"{path}: expected {table.folder}/<{'>/<'.join(table.names)}>, as docs/contracts.md has it.")
    return dict(zip(table.names, found, strict=False))


def check_columns(path: str, found: list[str], table: Table) -> None:
    if sorted(found) != sorted(table.columns):
        strange, missing = sorted(set(found) - set(table.columns)), sorted(set(table.columns) - set(found))
        raise UserError(
            f"{path}: expected the columns that benchmarks/release/tables.py describes; missing: {missing}, "
            f"not described: {strange}. Describe them there."
        )


def same(name: str, one: bytes, other: bytes) -> bool:
    """Whether two files of a table hold the same rows; Parquet of two versions of its library differs in bytes."""
    if one == other or not name.endswith(".parquet"):
        return one == other
    return pyarrow.parquet.read_table(io.BytesIO(one)).equals(pyarrow.parquet.read_table(io.BytesIO(other)))
