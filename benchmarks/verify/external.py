"""What is committed of tests on other datasets: tables and figures from scores, scores from predictions, records."""

import json
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting.figures.external import write_matrix
from benchmarks.reporting.tables.external import write_external_tables
from benchmarks.reporting.tables.transfer import EXTERNAL
from benchmarks.scoring.external import score_external
from benchmarks.verify.differences import differences_between
from benchmarks.verify.faults import Fault, Outcome

Listed = tuple[str, str, str, Callable[[], Outcome] | None, Outcome]


def external_checks(root: Path, workers: int = 1) -> list[Listed]:
    """Of each check its rung, what it does, its subject, what makes it (if it can be made) and what is told else."""
    checks: list[Listed] = []
    for folder in sorted((root / EXTERNAL / "cases").glob("*/")):
        name, subject = folder.name, f"{folder.name} on others"
        checks.append(("a", "agrees with itself", subject, partial(check_external_agreement, name, root), ("", [])))
        checks.append(("a", "made from scores", subject, partial(check_external_tables, name, root), ("", [])))
        lacking = [path for path in prepared_for(name, root) if not path.is_dir()]
        told = f"skipped: no {lacking[0].relative_to(root).as_posix()}" if lacking else ""
        make = None if lacking else partial(check_external_scores, name, root, workers)
        checks.append(("b", "scored anew", subject, make, (told, [])))
    if (root / EXTERNAL / "figures").is_dir():
        figures = (EXTERNAL / "figures").as_posix()
        checks.append(("a", "made from tables", figures, partial(check_matrix, root), ("", [])))
    return checks


def prepared_for(benchmark: str, root: Path) -> list[Path]:
    """The folders of the prepared datasets that a benchmark is tested on."""
    settings = read_parameters(root / "params.yaml").benchmark(benchmark)
    return [root / "prepared" / "external" / f"{name}-{settings.image_size}" for name in settings.test_on]


def check_external_agreement(benchmark: str, root: Path) -> Outcome:
    """Each network in a record has its table of predictions and its rows of scores, with one probability in both."""
    faults, count = [], 0
    for path in sorted((root / EXTERNAL / "records" / benchmark).glob("*/*.json")):
        place = Path(benchmark) / path.parent.name / path.stem
        scores = pd.read_csv((root / EXTERNAL / "cases" / place).with_suffix(".csv"), dtype={"case": str})
        predictions = root / EXTERNAL / "predictions" / place
        listed = json.loads(path.read_text(encoding="utf-8"))["networks"]
        runs = [f"seed{entry['seed']}-fold{entry['fold']}" for entry in listed]
        there = sorted(table.stem for table in predictions.glob("*.parquet"))
        if sorted(runs) != there:
            file = path.relative_to(root).as_posix()
            faults.append(Fault(file, "its networks", ", ".join(there), ", ".join(sorted(runs))))
        for entry, run in zip(listed, runs, strict=True):
            table = predictions / f"{run}.parquet"
            if table.is_file():
                count += 1
                own = scores[(scores["seed"] == entry["seed"]) & (scores["fold"] == entry["fold"])]
                faults += disagreeing(pd.read_parquet(table), own, entry, table.relative_to(root).as_posix())
    return f"{count} networks", faults


def disagreeing(predicted: pd.DataFrame, scored: pd.DataFrame, entry: dict, file: str) -> list[Fault]:
    """Where a network's predictions are not those that were recorded and scored."""
    faults = []
    if len(predicted) != entry["cases"]:
        faults.append(Fault(file, "cases", str(entry["cases"]), str(len(predicted))))
    if set(predicted["epoch"]) != {entry["epoch"]}:
        epochs = ", ".join(map(str, sorted(set(predicted["epoch"]))))
        faults.append(Fault(file, "epoch", str(entry["epoch"]), epochs))
    both = predicted.merge(scored[["case", "probability"]], on="case", how="outer", suffixes=("", "_scored"))
    apart = both[(both["probability"] - both["probability_scored"]).abs() > 1e-5]
    if len(both) != len(predicted) or len(apart):
        what = f"probability of {apart['case'].iloc[0]}" if len(apart) else "cases"
        faults.append(Fault(file, what, "as scored", "another"))
    return faults


def check_external_tables(benchmark: str, root: Path) -> Outcome:
    """The tables of one benchmark from its scores on its own cases and on other datasets."""
    with tempfile.TemporaryDirectory() as folder:
        write_external_tables(benchmark, root, Path(folder))
        return compared(root, Path(folder), f"tables/{benchmark}", "files rebuilt")


def check_matrix(root: Path) -> Outcome:
    """The drawing of every network on every test set."""
    with tempfile.TemporaryDirectory() as folder:
        write_matrix(root, Path(folder))
        return compared(root, Path(folder), "figures", "files rebuilt")


def check_external_scores(benchmark: str, root: Path, workers: int = 1) -> Outcome:
    """Case scores and truth of one benchmark on other datasets, from the predictions and the data."""
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            score_external(benchmark, root, Path(folder), workers=workers, progress=False)
        except UserError as error:  # of some models; the others were scored
            place = (EXTERNAL / "predictions" / benchmark).as_posix()
            faults.append(Fault(place, "predictions", "such as can be scored", str(error)))
        outcome, found = compared(root, Path(folder), f"cases/{benchmark}", "tables scored anew")
        return outcome, [*faults, *found, *compared(root, Path(folder), f"truth/{benchmark}", "")[1]]


def compared(root: Path, folder: Path, place: str, what: str) -> Outcome:
    """What differs between a committed folder below `reports/external/` and the same made anew."""
    faults = differences_between(root / EXTERNAL / place, folder / place, (EXTERNAL / place).as_posix())
    files = [path for path in (folder / place).rglob("*") if path.is_file() and path.name != "digests.json"]
    return f"{len(files)} {what}", faults
