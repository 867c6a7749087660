"""Score what a benchmark's networks predict on other datasets (`acsbench score-external`).

Reads `prepared/external/<dataset>-<size>/` and `reports/external/predictions/<benchmark>/<model>/<dataset>/*.parquet`;
writes the truth of each dataset and the case scores of each model on it. What has not changed since its scores were
written is left alone (`reports/external/cases/<benchmark>/digests.json` remembers it). A model whose predictions cannot
be scored does not keep the others from theirs: it is reported at the end.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from tqdm import tqdm

from benchmarks.configuration import PARAMETERS, read_parameters
from benchmarks.errors import UserError
from benchmarks.scoring import run_length, segmentation
from benchmarks.scoring.files import write, write_parquet
from benchmarks.scoring.predictions import (
    COLUMNS,
    case_problems,
    digest,
    mask_problems,
    probability_problems,
)
from benchmarks.scoring.score import parallel_map
from benchmarks.scoring.truth import CASE_COLUMNS, PreparedBenchmark, truth_table
from benchmarks.source_code import code_of

REPORTS = Path("reports/external")
NETWORK_COLUMNS = [column for column in COLUMNS if column != "selection"]
FACTS = ["case", "class", "label", "group"]
SCORES = ["dice", "iou", "hd95", "assd", "nsd", "empty"]
MASK = ["case", "mask", "height", "width"]
ACQUISITION = ["device", "birads"]


def read_external(dataset: str, size: int, root: Path = Path()) -> tuple[PreparedBenchmark, pd.DataFrame]:
    """A dataset's prepared cases, and the device and BI-RADS category of each.

    Raises:
        UserError: they are not there, damaged, or do not belong together.
    """
    folder = root / "prepared" / "external" / f"{dataset}-{size}"
    again = f"Run `acsbench prepare-external {dataset} {size}`."
    try:
        cases = pd.read_parquet(folder / "cases.parquet")[[*CASE_COLUMNS, *ACQUISITION]]
        with open(folder / "images.npz", "rb") as file, np.load(file) as arrays:
            masks = arrays["masks"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        raise UserError(f"{folder}: missing, damaged or incomplete ({error}). {again}") from error
    if len(cases) != len(masks):
        raise UserError(f"{folder}: its files do not belong together: {len(cases)} cases, {len(masks)} masks. {again}")
    return PreparedBenchmark(dataset, cases[CASE_COLUMNS], masks, masks), cases[["case", *ACQUISITION]]


def read_networks(folder: Path) -> pd.DataFrame:
    """The tables of all networks of a model, one below the other.

    Raises:
        UserError: one is no Parquet file, lacks a column, or holds another network's rows as well.
    """
    tables = []
    for path in sorted(folder.glob("*.parquet")):
        try:
            table = pd.read_parquet(path)
        except (OSError, ValueError) as error:
            raise UserError(f"{path}: not a readable Parquet file ({error}). Restore it with git.") from error
        if missing := [column for column in NETWORK_COLUMNS if column not in table.columns]:
            raise UserError(
                f"{path}: expected the columns {', '.join(NETWORK_COLUMNS)}; {', '.join(missing)} not found."
            )
        found = {f"seed{seed}-fold{fold}" for seed, fold in zip(table["seed"], table["fold"], strict=True)}
        if found != {path.stem}:
            raise UserError(f"{path}: expected the rows of one network, found {', '.join(sorted(found)) or 'none'}.")
        tables.append(table[NETWORK_COLUMNS])
    if not tables:
        raise UserError(f"{folder}: expected tables seed<S>-fold<F>.parquet, found none.")
    return pd.concat(tables, ignore_index=True).sort_values(["seed", "fold", "case"], ignore_index=True)


def check(table: pd.DataFrame, dataset: PreparedBenchmark, folder: Path) -> None:
    """Raise a `UserError` that names the folder and lists all that is wrong with its predictions."""
    lines = [
        f"seed {seed}, fold {fold}: {line}"
        for (seed, fold), rows in table.groupby(["seed", "fold"])  # ty: ignore[not-iterable]  # pandas: a group's key is a Hashable
        for line in case_problems(rows["case"], dataset)
    ]
    lines += probability_problems(table) + mask_problems(table, dataset)
    if lines:
        raise UserError("\n  ".join([f"{folder}: these predictions cannot be scored. Predict again.", *lines]))


def ensembles(table: pd.DataFrame, folds: int) -> pd.DataFrame:
    """The networks of a seed as one, where all its folds are there: `fold` and `epoch` are empty.

    Its probability is the mean of theirs; a pixel is lesion where at least half of them say so.
    """
    rows = []
    for seed, networks in table.groupby("seed"):
        if networks["fold"].nunique() < folds:
            continue
        for case, own in networks.groupby("case", sort=False):
            size = int(own["height"].iloc[0]), int(own["width"].iloc[0])
            mask = None
            if own["mask"].notna().all():
                votes = np.mean([run_length.decode(counts, *size) for counts in own["mask"]], axis=0)
                mask = run_length.encode(votes >= 0.5)
            rows.append((seed, case, own["probability"].mean(), *size, mask))
    return pd.DataFrame(rows, columns=["seed", "case", "probability", "height", "width", "mask"])


def score_masks(task: tuple[dict, list[tuple[str, int, int]]]) -> list[dict]:
    """Standard scores, at native size, of the distinct masks `(run lengths, height, width)` predicted for a case."""
    case, masks = task
    size = case["height"], case["width"]
    truth = run_length.decode(case["mask"], *size)
    return [
        dict(zip(MASK, (case["case"], *mask), strict=True))
        | segmentation.score(segmentation.to_native(run_length.decode(*mask), *size), truth)
        for mask in masks
    ]


def case_table(
    table: pd.DataFrame, dataset: PreparedBenchmark, folds: int, run: Callable = map, bar: tqdm | None = None
) -> pd.DataFrame:
    """The case scores of a model's networks and of each seed's ensemble; columns as docs/contracts.md has them.

    Args:
        table: predictions without problems, all networks.
        folds: how many networks a seed has.
        run: `map` or a parallel one.
        bar: is advanced by one for each case.
    """
    table = table.astype({"fold": "Int64", "epoch": "Int64"})
    table = pd.concat([table, ensembles(table, folds)], ignore_index=True).astype({"fold": "Int64", "epoch": "Int64"})
    rows = table.merge(dataset.cases[FACTS], on="case", how="left", validate="many_to_one")
    if table["mask"].isna().all():
        return rows.reindex(columns=[*FACTS, "seed", "fold", "epoch", "probability", *SCORES])
    distinct = dict(iter(table[MASK].drop_duplicates().groupby("case")))
    tasks = [
        (case, list(distinct[case["case"]][MASK[1:]].itertuples(index=False, name=None)))
        for case in dataset.cases.to_dict("records")
    ]
    scored = []
    for scores in run(score_masks, tasks):
        scored += scores
        if bar is not None:
            bar.update()
    rows = rows.merge(pd.DataFrame(scored), on=MASK, how="left", validate="many_to_one")
    return rows[[*FACTS, "seed", "fold", "epoch", "probability", *SCORES]]


class Ledger:
    """The case scores of a benchmark's models on other datasets, and from what they were computed."""

    def __init__(self, folder: Path):
        self.folder, self.file = folder, folder / "digests.json"
        try:
            self.entries = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.entries = {}  # missing or damaged: everything is scored anew

    def path(self, name: str) -> Path:
        """Of `<model>/<dataset>`."""
        return self.folder / f"{name}.csv"

    def holds(self, name: str, inputs: str) -> bool:
        """Whether scores were computed from these inputs and are still as they were written."""
        path = self.path(name)
        outputs = path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest()
        return self.entries.get(name) == {"inputs": inputs, "outputs": outputs}

    def enter(self, name: str, inputs: str, table: pd.DataFrame) -> None:
        content = table.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode()
        write(self.path(name), content)
        self.entries[name] = {"inputs": inputs, "outputs": hashlib.sha256(content).hexdigest()}
        self.save()

    def forget_all_but(self, names: Iterable[str]) -> list[str]:
        """Remove the scores of others; returns their names."""
        known = {path.relative_to(self.folder).with_suffix("").as_posix() for path in self.folder.glob("*/*.csv")}
        gone = sorted((known | set(self.entries)) - set(names))
        for name in gone:
            self.entries.pop(name, None)
            self.path(name).unlink(missing_ok=True)
        if gone:
            self.save()
        return gone

    def save(self) -> None:
        write(self.file, (json.dumps(self.entries, indent=1, sort_keys=True) + "\n").encode())


class Waiting(NamedTuple):
    """A model's predictions on a dataset that are to be scored."""

    subject: str
    table: pd.DataFrame
    prepared: PreparedBenchmark
    inputs: str  # digest of all that the scores depend on


def score_external(
    name: str,
    root: Path = Path(),
    output: Path | None = None,
    workers: int = 1,
    progress: bool = True,
    params: Path = PARAMETERS,
) -> dict[str, list[str]]:
    """Score every model of a benchmark on each dataset that it names, where predictions, truth or code have changed.

    Args:
        root: the repository root, which holds `params.yaml`, `prepared/` and `reports/external/predictions/`.
        output: where to write, `reports/external` below the root by default.
        workers: processes that score side by side.
        progress: show a bar.
        params: the file of parameters, below the root unless its path is absolute.

    Returns:
        What was `scored`, `unchanged` and `removed` (its predictions are gone), each as `<model>/<dataset>`.

    Raises:
        UserError: a dataset is not prepared, there are no predictions; or, after all others have been scored, some
            models' predictions cannot be.
    """
    benchmark = read_parameters(root / params).benchmark(name)
    output, folder = output or root / REPORTS, root / REPORTS / "predictions" / name
    ledger = Ledger(output / "cases" / name)
    there: list[str] = []
    waiting: list[Waiting] = []
    refused: list[str] = []
    for dataset in benchmark.test_on:
        prepared, acquisition = read_external(dataset, benchmark.image_size, root)
        truth = truth_table(prepared).merge(acquisition, on="case", validate="one_to_one")
        write_parquet(truth, output / "truth" / name / f"{dataset}.parquet")
        places = sorted(folder.glob(f"*/{dataset}"))
        there += [subject_of(place) for place in places]
        changed, wrong = read_changed(places, prepared, len(benchmark.folds), ledger)
        waiting += changed
        refused += wrong
    if not there:
        raise UserError(
            f"{folder}: no predictions on other datasets. Make them: `acsbench external {name} "
            "<model>`, for a benchmark that names datasets under `test_on`."
        )
    removed = ledger.forget_all_but(there)
    total = sum(len(one.prepared.cases) for one in waiting if one.table["mask"].notna().any())
    with (
        parallel_map(workers) as run,
        tqdm(total=total, desc=f"score {name}", unit="case", disable=not (progress and total)) as bar,
    ):
        for one in waiting:
            bar.set_postfix_str(one.subject)
            ledger.enter(one.subject, one.inputs, case_table(one.table, one.prepared, len(benchmark.folds), run, bar))
    if refused:
        raise UserError("\n".join(refused))
    scored = [one.subject for one in waiting]
    return {"scored": scored, "unchanged": [s for s in there if s not in scored], "removed": removed}


def subject_of(place: Path) -> str:
    """`<model>/<dataset>` of a folder of predictions."""
    return f"{place.parent.name}/{place.name}"


def read_changed(
    places: list[Path], prepared: PreparedBenchmark, folds: int, ledger: Ledger
) -> tuple[list[Waiting], list[str]]:
    """Which models are to be scored on a dataset, and what is wrong with the predictions of others."""
    common = json.dumps([code_of("benchmarks.scoring.external"), prepared.digest(), folds], sort_keys=True)
    waiting, refused = [], []
    for place in places:
        try:
            table = read_networks(place)
            inputs = hashlib.sha256((common + digest(table)).encode()).hexdigest()
            if not ledger.holds(subject_of(place), inputs):
                check(table, prepared, place)
                waiting.append(Waiting(subject_of(place), table, prepared, inputs))
        except UserError as error:
            refused.append(str(error))
    return waiting, refused
