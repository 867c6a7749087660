"""Rung (b): scores from committed predictions, where the data are at hand."""

import tempfile
from pathlib import Path

from benchmarks.errors import UserError
from benchmarks.scoring.score import score_benchmark
from benchmarks.verify.differences import differences_between, file_differences
from benchmarks.verify.faults import Fault, Outcome


def check_scores(benchmark: str, root: Path, workers: int = 1) -> Outcome:
    """Case scores, forensics and truth from the committed predictions and the data, by so many processes."""
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            score_benchmark(benchmark, root, Path(folder), workers=workers, progress=False)
        except UserError as error:  # of some models; the others were scored
            faults.append(Fault(f"reports/predictions/{benchmark}", "predictions", "such as can be scored", str(error)))
        for kind in ("cases", "forensics"):
            committed, anew = root / "reports" / kind / benchmark, Path(folder) / kind / benchmark
            if committed.is_dir():
                faults += differences_between(committed, anew, f"reports/{kind}/{benchmark}")
        truth = Path("truth") / f"{benchmark}.parquet"
        if (Path(folder) / truth).is_file():
            faults += file_differences(root / "reports" / truth, Path(folder) / truth, f"reports/{truth.as_posix()}")
        count = len(list((Path(folder) / "cases" / benchmark).glob("*.csv")))
    return f"{count} models scored anew", faults
