"""Score the predictions of a benchmark (`acsbench score`).

Reads `prepared/benchmarks/<benchmark>/` and `reports/predictions/<benchmark>/*.parquet`; writes the truth table, and
the case scores and forensics of each model. Models whose predictions, truth and scoring code have not changed since
their scores were written are left alone (`reports/cases/<benchmark>/digests.json` remembers them). A model whose
predictions cannot be scored does not keep the others from theirs: it is reported at the end.
"""

import hashlib
import json
from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from benchmarks.configuration import PARAMETERS
from benchmarks.errors import UserError
from benchmarks.scoring.cases import case_table, score_model
from benchmarks.scoring.files import write, write_parquet
from benchmarks.scoring.forensics import forensics_table
from benchmarks.scoring.predictions import digest, problems, read_predictions
from benchmarks.scoring.truth import PreparedBenchmark, read_benchmark, truth_table
from benchmarks.source_code import code_of


def score_benchmark(
    name: str,
    root: Path = Path(),
    output: Path | None = None,
    workers: int = 1,
    progress: bool = True,
    params: Path = PARAMETERS,
) -> dict[str, list[str]]:
    """Score every model of a benchmark whose predictions, truth or scoring code have changed.

    Args:
        root: the repository root, which holds `prepared/` and `reports/predictions/`.
        output: where to write, `reports` below the root by default.
        workers: processes that score side by side.
        progress: show a bar.
        params: the file of parameters, below the root unless its path is absolute.

    Returns:
        The names of the models `scored`, `unchanged` and `removed` (their predictions are gone).

    Raises:
        UserError: the benchmark is not prepared or has no predictions; or, after all others have been scored, some
            models' predictions cannot be.
    """
    benchmark = read_benchmark(name, root, params)
    output = output or root / "reports"
    files = sorted((root / "reports" / "predictions" / name).glob("*.parquet"))
    if not files:
        raise UserError(
            f"{root / 'reports' / 'predictions' / name}: no predictions (*.parquet). Train a model on {name}, or enter "
            f"a table of predictions with `acsbench submit {name} ...`."
        )
    write_parquet(truth_table(benchmark), output / "truth" / f"{name}.parquet")
    ledger = Ledger(output, name)
    removed = ledger.forget_all_but([file.stem for file in files])
    common = json.dumps([code_of("benchmarks.scoring.cases"), benchmark.digest()], sort_keys=True)
    waiting, refused = read_changed(files, benchmark, common, ledger)
    segmented = sum(table["mask"].notna().any() for table, _ in waiting.values())
    hidden, total = not segmented or not progress, segmented * len(benchmark.cases)
    with parallel_map(workers) as run, tqdm(total=total, desc=f"score {name}", unit="case", disable=hidden) as bar:
        for model, (table, inputs) in waiting.items():
            bar.set_postfix_str(model)
            scores = score_model(table, benchmark, run, bar)
            ledger.enter(model, inputs, case_table(scores), forensics_table(scores))
    if refused:
        raise UserError("\n".join(refused))
    unchanged = [file.stem for file in files if file.stem not in waiting]
    return {"scored": list(waiting), "unchanged": unchanged, "removed": removed}


def read_changed(
    files: list[Path], benchmark: PreparedBenchmark, common: str, ledger: "Ledger"
) -> tuple[dict[str, tuple[pd.DataFrame, str]], list[str]]:
    """The predictions of the models to be scored with the digests of all their inputs, and what is wrong with others.

    Args:
        common: what all models' scores depend on beside their predictions, as text.
    """
    waiting, refused = {}, []
    for file in files:
        try:
            table = read_predictions(file)
            inputs = hashlib.sha256((common + digest(table)).encode()).hexdigest()
            if not ledger.holds(file.stem, inputs):
                check(table, benchmark, file)
                waiting[file.stem] = table, inputs
        except UserError as error:
            refused.append(str(error))
    return waiting, refused


def check(table: pd.DataFrame, benchmark: PreparedBenchmark, file: Path) -> None:
    """Raise a `UserError` that names the file and lists all that is wrong with its predictions."""
    lines = problems(table, benchmark)
    if lines:
        again = (
            "Submit it again" if file.stem.startswith("external_") else f"Train {file.stem} on {benchmark.name} again"
        )
        raise UserError("\n  ".join([f"{file}: these predictions cannot be scored. {again}.", *lines]))


class Ledger:
    """The score files of a benchmark's models, and from what they were computed."""

    def __init__(self, output: Path, name: str):
        self.folders = [output / kind / name for kind in ("cases", "forensics")]
        self.file = self.folders[0] / "digests.json"
        try:
            self.entries = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.entries = {}  # missing or damaged: everything is scored anew

    def paths(self, model: str) -> list[Path]:
        return [folder / f"{model}.csv" for folder in self.folders]

    def holds(self, model: str, inputs: str) -> bool:
        """Whether the files of a model were computed from these inputs and are still as they were written."""
        if not all(path.is_file() for path in self.paths(model)):
            return False
        outputs = [hashlib.sha256(path.read_bytes()).hexdigest() for path in self.paths(model)]
        return self.entries.get(model) == {"inputs": inputs, "outputs": outputs}

    def enter(self, model: str, inputs: str, *tables: pd.DataFrame) -> None:
        """Write a model's files, then remember them."""
        outputs = []
        for path, table in zip(self.paths(model), tables, strict=True):
            content = table.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode()
            write(path, content)
            outputs.append(hashlib.sha256(content).hexdigest())
        self.entries[model] = {"inputs": inputs, "outputs": outputs}
        self.save()

    def forget_all_but(self, models: list[str]) -> list[str]:
        """Remove the files of other models; returns their names."""
        known = {path.stem for folder in self.folders for path in folder.glob("*.csv")} | set(self.entries)
        gone = sorted(known - set(models))
        for model in gone:
            self.entries.pop(model, None)
            for path in self.paths(model):
                path.unlink(missing_ok=True)
        if gone:
            self.save()
        return gone

    def save(self) -> None:
        write(self.file, (json.dumps(self.entries, indent=1, sort_keys=True) + "\n").encode())


@contextmanager
def parallel_map(workers: int) -> Generator[Callable]:
    """`map`, over so many processes if more than one."""
    if workers == 1:
        yield map
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield partial(pool.map, chunksize=8)
