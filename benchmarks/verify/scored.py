"""Rung (b): scores from committed predictions, where the data are at hand."""

import tempfile
from pathlib import Path

from benchmarks.scoring.score import score_benchmark
from benchmarks.verify.differences import differences_between, file_differences


def check_scores(benchmark: str, root: Path, workers: int = 1) -> tuple[str, list[str]]:
    """Case scores, forensics and truth from the committed predictions and the data, by so many processes."""
    with tempfile.TemporaryDirectory() as folder:
        score_benchmark(benchmark, root, Path(folder), workers=workers, progress=False)
        differences = [
            line
            for kind in ("cases", "forensics")
            if (root / "reports" / kind / benchmark).is_dir()
            for line in differences_between(
                root / "reports" / kind / benchmark, Path(folder) / kind / benchmark, f"reports/{kind}/{benchmark}"
            )
        ]
        truth = root / "reports" / "truth" / f"{benchmark}.parquet"
        lines = file_differences(truth, Path(folder) / "truth" / truth.name)
        differences += [f"reports/truth/{truth.name}: {line}" for line in lines]
        count = len(list((Path(folder) / "cases" / benchmark).glob("*.csv")))
    return f"{count} models scored anew", differences
