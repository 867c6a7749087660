"""The same networks at other budgets: whether a small budget puts them in the order of a larger one.

Stored estimates side by side, without a test: the benchmarks share patients, and few networks stand in two of them.
"""

from itertools import combinations
from pathlib import Path

import pandas as pd

from benchmarks.configuration import Benchmark, Parameters
from benchmarks.reporting.labels import DASH, METRICS, with_interval
from benchmarks.reporting.names import Names
from benchmarks.reporting.page.stored_tables import sortable
from benchmarks.reporting.page.summary import glance_metrics
from benchmarks.reporting.wording import counted, listed


def budgets_part(benchmark: str, parameters: Parameters, root: Path, names: Names) -> dict | None:
    """A sentence for each other benchmark, what the folded part says, and the numbers; None where there is no other.

    Others have the same dataset, scoring and rules for folds and epochs, and at least two networks of this one.
    """
    scoring = parameters.benchmark(benchmark).scoring
    own = main_table(benchmark, root)
    found = {name: main_table(name, root) for name in same_question(benchmark, parameters, root)}
    others = {name: main for name, main in found.items() if len(main.index.intersection(own.index)) > 1}
    if not others:
        return None
    metrics = glance_metrics(own, scoring)
    orders = {name: order_text(own, main, metrics) for name, main in others.items()}
    return {
        "sentences": [
            f"{in_brief(name, parameters)} trains {len(main.index.intersection(own.index))} of these networks, too: "
            f"{orders[name]}."
            for name, main in others.items()
        ],
        "outcome": "; ".join(f"{name}: {orders[name]}" for name in others),
        "table": sortable(side_by_side({benchmark: own, **others}, metrics, parameters), names),
    }


def main_table(benchmark: str, root: Path) -> pd.DataFrame:
    """Estimates and intervals, a row per model."""
    return pd.read_csv(root / "reports" / "tables" / benchmark / "main.csv", index_col="model")


def question(benchmark: Benchmark) -> tuple:
    """What a benchmark asks, whatever its networks, image size and training."""
    b = benchmark
    return b.dataset, b.classes, b.scoring, b.split.rule, b.selection.rule


def same_question(benchmark: str, parameters: Parameters, root: Path) -> list[str]:
    """The other compared benchmarks with tables that ask the same."""
    asked = question(parameters.benchmark(benchmark))
    compared = [name for study in parameters.studies.values() if study.has_pages for name in study.benchmarks]
    return [
        name
        for name in compared
        if name != benchmark
        and question(parameters.benchmark(name)) == asked
        and (root / "reports" / "tables" / name / "main.csv").is_file()
    ]


def order_text(own: pd.DataFrame, other: pd.DataFrame, metrics: list[str]) -> str:
    """How many pairs of shared networks stand in the same order, metric by metric."""
    texts = []
    for metric in (metric for metric in metrics if metric in other):
        shared = pd.DataFrame({"here": own[metric], "there": other[metric]}).dropna()
        pairs = list(combinations(shared.to_numpy(), 2))
        same = sum((first[0] - second[0]) * (first[1] - second[1]) > 0 for first, second in pairs)
        if pairs:
            texts.append(f"{same} of {counted(len(pairs), 'pair')} by {METRICS[metric].label}")
    return f"{listed(texts)} in the same order" if texts else "no pair with the same head"


def in_brief(benchmark: str, parameters: Parameters) -> str:
    """`busi (256 px, 90 epochs, 3 seeds)`, as declared."""
    settings = parameters.benchmark(benchmark)
    epochs, seeds = counted(settings.training.epochs, "epoch"), counted(len(settings.training.seeds), "seed")
    return f"{benchmark} ({settings.image_size} px, {epochs}, {seeds})"


def side_by_side(tables: dict[str, pd.DataFrame], metrics: list[str], parameters: Parameters) -> pd.DataFrame:
    """A row per network that at least two benchmarks train, a column per metric and benchmark."""
    counts = pd.Series([model for main in tables.values() for model in main.index]).value_counts()
    first = next(iter(tables.values()))
    models = [model for model in first.index if counts[model] > 1]
    columns: dict[str, list[str]] = {"Network": models}
    for metric in metrics:
        for name, main in tables.items():
            known = main.reindex(models)
            bounds = [known[metric], known[f"{metric}_low"], known[f"{metric}_high"]] if metric in main else []
            columns[f"{METRICS[metric].label}, {in_brief(name, parameters)}"] = [
                with_interval(*values, METRICS[metric].decimals) for values in zip(*bounds, strict=True)
            ] or [DASH] * len(models)
    return pd.DataFrame(columns)
