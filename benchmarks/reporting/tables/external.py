"""A benchmark's networks on other datasets, as tables: `acsbench tables-external <benchmark>`.

Reads the benchmark's case scores and those under `reports/external/`; writes `reports/external/tables/<benchmark>/`.
"""

from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.configuration import PARAMETERS, read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting.files import write_texts
from benchmarks.reporting.names import names_of, title_of, with_titles
from benchmarks.reporting.results import TEXT_COLUMNS, Results, check_columns, read_parquet, read_results
from benchmarks.reporting.tables.printed import printed
from benchmarks.reporting.tables.stored import csv_text, rounded
from benchmarks.reporting.tables.transfer import EXTERNAL, transfer_caption, transfer_text
from benchmarks.statistics.comparisons.transfer import each_network, transfer
from benchmarks.statistics.estimates.external_strata import stratify_external
from benchmarks.statistics.rankings.transfer import ranking_transfer

CASE_COLUMNS = [
    *("case", "class", "label", "group", "seed", "fold", "epoch", "probability"),
    *("dice", "iou", "hd95", "assd", "nsd", "empty"),
]
TRUTH_COLUMNS = ["case", "area", "device", "birads"]


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
def write_external_tables(benchmark: str, root: Path, output: Path, params: Path = PARAMETERS) -> None:
    """Write a benchmark's tables to `output`/tables/<b>, and remove what else lies there.

    Args:
        benchmark: its name.
        root: the repository root.
        output: the folder of reports on other datasets.
        params: the file of parameters, below the root unless its path is absolute.

    Raises:
        UserError: the benchmark is unknown, its scores on its own cases or on other datasets are missing or damaged.
    """
    parameters = read_parameters(root / params)
    settings = parameters.benchmark(benchmark)
    results = read_results(benchmark, root, parameters)
    tables = gathered(results, settings.selection.rule, settings.test_on, root)
    names = names_of(benchmark, results.models, parameters)
    texts = {f"{name}.csv": csv_text(table) for name, table in tables.items()}
    transfer_texts = transfer_text(with_titles(names.in_table(tables["transfer"])))
    texts |= printed(transfer_texts, transfer_caption(benchmark, title_of(settings.dataset)), "transfer")
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
            f"`acsbench score-external {results.benchmark}`."
        )
    return {name: rounded(pd.concat(tables, ignore_index=True)) for name, tables in parts.items()}


def ordered(cases: pd.DataFrame, models: list[str]) -> pd.DataFrame:
    """Rows by model in the order of the benchmark's results, the others behind."""
    place = {model: index for index, model in enumerate(models)}
    order = cases["model"].map(place).fillna(len(models))
    return cases.loc[order.sort_values(kind="stable").index].reset_index(drop=True)
