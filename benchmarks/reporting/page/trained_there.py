"""What networks that were trained on a dataset reach there, beside those that were not.

A fall on another dataset is one of the network or of the dataset, which may be harder: the same network, trained there
at the same budget, tells them apart. It is tested on its own folds, the other on all cases.
"""

import math
from pathlib import Path

import pandas as pd

from benchmarks.configuration import Benchmark, Parameters
from benchmarks.reporting.labels import with_interval
from benchmarks.reporting.page.budgets import main_table
from benchmarks.reporting.tables.transfer import LABELS
from benchmarks.reporting.wording import listed


def trained_there(
    benchmark: str, datasets: list[str], parameters: Parameters, root: Path
) -> dict[str, tuple[str, pd.DataFrame]]:
    """By dataset, the first benchmark that trains on it at the budget and by the rules of this one, and its main table.

    Args:
        benchmark: whose networks are tested on other datasets.
        datasets: these.
        parameters: of params.yaml.
        root: the repository root.
    """
    asked, found = budget(parameters.benchmark(benchmark)), {}
    compared = [name for study in parameters.studies.values() if study.has_pages for name in study.benchmarks]
    for name in compared:
        other = parameters.benchmark(name)
        wanted = other.dataset in datasets and other.dataset not in found and budget(other) == asked
        if wanted and (root / "reports" / "tables" / name / "main.csv").is_file():
            found[other.dataset] = name, main_table(name, root)
    return found


def budget(benchmark: Benchmark) -> tuple:
    """All of a benchmark but its dataset, the grey levels of that, and the names of what is compared."""
    b = benchmark
    return b.classes, b.image_size, b.split, b.selection, b.scoring, b.training


def there_text(dataset: str, benchmark: str, main: pd.DataFrame, models: list[str]) -> list[str]:
    """Dice and AUC of the networks that are trained on a dataset, too; no sentence where none is.

    Args:
        dataset: as readers know it.
        benchmark: the one that trains on it.
        main: its main table.
        models: those that were trained elsewhere and tested on it.
    """
    texts = []
    for model in models:
        reached = [
            f"{LABELS[metric].label} {with_interval(*estimate, LABELS[metric].decimals)}"
            for metric in ("dice", "auc")
            if pd.notna((estimate := estimate_of(model, metric, main))[0])
        ]
        texts += [f"{model}, {listed(reached)}"] if reached else []
    return [f"Trained on {dataset} itself, on the test folds of {benchmark}: {'; '.join(texts)}."] if texts else []


def estimate_of(model: str, metric: str, main: pd.DataFrame) -> tuple[float, float, float]:
    """A number of a main table and the ends of its interval; NaN where the table has none."""
    if model not in main.index or metric not in main:
        return math.nan, math.nan, math.nan
    estimate, low, high = (float(main.loc[model, metric + end]) for end in ("", "_low", "_high"))
    return estimate, low, high
