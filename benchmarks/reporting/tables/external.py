"""A benchmark's networks on other datasets, as tables: `python -m benchmarks.reporting.tables.external <benchmark>`.

Reads the benchmark's case scores and those under `reports/external/`; writes `reports/external/tables/<benchmark>/`.
"""

import argparse
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError, entry_point
from benchmarks.reporting.files import write_texts
from benchmarks.reporting.labels import CLASSIFICATION, STANDARD_SEGMENTATION, Metric, number, with_interval
from benchmarks.reporting.results import TEXT_COLUMNS, Results, check_columns, read_parquet, read_results, rows_of
from benchmarks.reporting.tables.printed import printed
from benchmarks.reporting.tables.stored import csv_text, rounded
from benchmarks.statistics.comparisons.transfer import each_network, transfer
from benchmarks.statistics.estimates.external_strata import stratify_external
from benchmarks.statistics.rankings.transfer import ranking_transfer

EXTERNAL = Path("reports/external")
CASE_COLUMNS = [
    *("case", "class", "label", "group", "seed", "fold", "epoch", "probability"),
    *("dice", "iou", "hd95", "assd", "nsd", "empty"),
]
TRUTH_COLUMNS = ["case", "area", "device", "birads"]
LABELS = {
    **{name: STANDARD_SEGMENTATION[name] for name in ("dice", "iou")},
    **CLASSIFICATION,
    "probability_excess": Metric("Excess of probability"),
    "sensitivity_at_threshold": Metric("Sensitivity at the internal threshold"),
    "specificity_at_threshold": Metric("Specificity at the internal threshold"),
}
PRINTED = ("dice", "auc", "brier", "calibration_error", "sensitivity_at_threshold", "specificity_at_threshold")


def read_external_cases(benchmark: str, dataset: str, root: Path) -> pd.DataFrame:
    """The case scores of all models of a benchmark on another dataset, with a column `model`; empty if there are none.

    Raises:
        UserError: a file lacks a column or cannot be read.
    """
    tables = []
    for path in sorted((root / EXTERNAL / "cases" / benchmark).glob(f"*/{dataset}.csv")):
        try:
            table = pd.read_csv(path, dtype={**TEXT_COLUMNS, "fold": "Int64", "epoch": "Int64"})
        except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError, ValueError) as error:
            raise UserError(f"{path}: not a readable CSV file of case scores: {error}") from error
        check_columns(table, CASE_COLUMNS, path)
        tables.append(table.assign(model=path.parent.name))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=[*CASE_COLUMNS, "model"])


@threadpool_limits.wrap(limits=1)  # sums in one order, so that last digits do not hang on the number of threads
def write_external_tables(benchmark: str, root: Path, output: Path) -> None:
    """Write a benchmark's tables to `output`/tables/<b>, and remove what else lies there.

    Raises:
        UserError: the benchmark is unknown, its scores on its own cases or on other datasets are missing or damaged.
    """
    parameters = read_parameters(root / "params.yaml")
    settings = parameters.benchmark(benchmark)
    results = read_results(benchmark, root, parameters.reference)
    tables = gathered(results, settings.selection.rule, settings.test_on, root)
    texts = {f"{name}.csv": csv_text(table) for name, table in tables.items()}
    texts |= printed(transfer_text(tables["transfer"]), transfer_caption(benchmark, settings.dataset), "transfer")
    write_texts(texts, output / "tables" / benchmark)


def gathered(results: Results, selection: str, datasets: list[str], root: Path) -> dict[str, pd.DataFrame]:
    """Tables by name, as they are stored: each dataset's rows below those of the one before.

    Raises:
        UserError: there are no scores on any of the datasets.
    """
    internal, parts = results.selected(selection), {}
    for dataset in datasets:
        external = read_external_cases(results.benchmark, dataset, root)
        if external.empty:
            continue
        external = ordered(external, results.models)
        truth = read_parquet(root / EXTERNAL / "truth" / results.benchmark / f"{dataset}.parquet", TRUTH_COLUMNS)
        made = {
            "transfer": transfer(internal, external),
            "networks": each_network(internal, external),
            "ranking": ranking_transfer(internal, external),
            "strata": stratify_external(external, truth),
        }
        for name, table in made.items():
            table.insert(0, "dataset", dataset)
            parts.setdefault(name, []).append(table)
    if not parts:
        raise UserError(
            f"{root / EXTERNAL / 'cases' / results.benchmark}: no case scores on other datasets. Make them: "
            f"`python -m benchmarks.scoring.external {results.benchmark}`."
        )
    return {name: rounded(pd.concat(tables, ignore_index=True)) for name, tables in parts.items()}


def ordered(cases: pd.DataFrame, models: list[str]) -> pd.DataFrame:
    """Rows by model in the order of the benchmark's results, the others behind."""
    place = {model: index for index, model in enumerate(models)}
    order = cases["model"].map(place).fillna(len(models))
    return cases.loc[order.sort_values(kind="stable").index].reset_index(drop=True)


def transfer_text(table: pd.DataFrame, metrics: tuple[str, ...] = PRINTED) -> dict[str, pd.DataFrame]:
    """A table of texts for each dataset: a row per metric and network, as a paper could print it."""
    texts = {}
    for dataset, own in table.groupby("dataset", sort=False):
        rows = [row_text(row) for metric in metrics for row in rows_of(own[own["metric"] == metric])]
        texts[f"{dataset}, {own['cases'].iloc[0]} cases"] = pd.DataFrame(rows)
    return texts


def row_text(row) -> dict[str, str]:
    kind = LABELS[row.metric]
    return {
        "Metric": kind.heading,
        "Network": row.model,
        "Own test folds": with_interval(row.internal, row.internal_low, row.internal_high, kind.decimals),
        "Here": with_interval(row.external, row.external_low, row.external_high, kind.decimals),
        "Change [95% interval]": with_interval(row.change, row.change_low, row.change_high, kind.decimals),
        "Single networks": f"{number(row.network_min, kind.decimals)} to {number(row.network_max, kind.decimals)}"
        f" ({row.networks})",
        "All as one": with_interval(row.ensemble, row.ensemble_low, row.ensemble_high, kind.decimals),
    }


def transfer_caption(benchmark: str, dataset: str) -> str:
    return (
        f"Benchmark {benchmark}: networks trained on {dataset}, tested on other datasets. Means over the networks of "
        "all folds and seeds, each tested on its own fold and on every case of the other dataset; AUC within each "
        "network. Intervals: 95% cluster bootstrap over the groups of both datasets, drawn independently; the networks "
        "are those that were trained. Single networks: the least and the largest of their numbers, and how many they "
        "are. All as one: mean of the folds' probabilities, and pixels that at least half of the networks mark. "
        "Internal threshold: each network's own, that of 90% specificity on its own test fold."
    )


@entry_point
def main() -> None:
    parser = argparse.ArgumentParser(description="Tables of a benchmark's networks on other datasets.")
    parser.add_argument("benchmark", help="its name in params.yaml")
    write_external_tables(parser.parse_args().benchmark, Path(), EXTERNAL)


if __name__ == "__main__":
    main()
