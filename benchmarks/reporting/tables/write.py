"""All tables of a benchmark, from its stored scores."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.configuration import PARAMETERS, read_parameters
from benchmarks.reporting.budget import budget
from benchmarks.reporting.files import write_texts
from benchmarks.reporting.labels import dice_of
from benchmarks.reporting.names import PLAIN, Names, names_of
from benchmarks.reporting.results import Results, read_results
from benchmarks.reporting.tables.differences import difference_caption, difference_table, difference_text
from benchmarks.reporting.tables.leakage import grouped_twin, leakage_table
from benchmarks.reporting.tables.learning_curve import learning_curve_table, read_points
from benchmarks.reporting.tables.printed import printed
from benchmarks.reporting.tables.scores import NO_PAIRS, caption, main_table, main_text, metrics_files, score_table
from benchmarks.reporting.tables.statistics import EVIDENCE, Question
from benchmarks.reporting.tables.stored import csv_text, rounded
from benchmarks.reporting.tables.walk import forensics_table
from benchmarks.statistics.panel import Reference


@threadpool_limits.wrap(limits=1)  # sums in one order, so that last digits do not hang on the number of threads
def write_tables(benchmark: str, root: Path, output: Path, params: Path = PARAMETERS) -> None:
    """Write a benchmark's tables to `output`/tables/<b>, and remove what else lies there.

    Reads `root`/reports and the parameters, and the folds of an ungrouped benchmark: no data, no torch.

    Args:
        benchmark: its name.
        root: the repository root.
        output: the folder of reports.
        params: the file of parameters, below the root unless its path is absolute.

    Raises:
        UserError: see `results.read_results` and `statistics.panel.arrange`.
    """
    parameters = read_parameters(root / params)
    settings = parameters.benchmark(benchmark)
    selection, scoring = settings.selection.rule, settings.scoring
    results = read_results(benchmark, root, parameters)
    reference = parameters.reference_of(benchmark, results.models)
    twin = grouped_twin(results, root, parameters)
    evidence = evidence_tables(results, root, selection, scoring, reference, twin)
    evidence["learning_curve"] = learning_curve_table(read_points(results, root, parameters), benchmark)
    names = names_of(benchmark, results.models, parameters)
    spent, pairs = budget(results, parameters, names), every_pair(evidence, dice_of(scoring))
    texts = main_files(results, selection, scoring, reference, pairs, spent, names)
    texts |= {f"{name}.csv": csv_text(rounded(table)) for name, table in evidence.items() if not table.empty}
    write_texts(texts, output / "tables" / benchmark)


def main_files(
    results: Results,
    selection: str,
    scoring: str,
    reference: Reference | None,
    pairs: Mapping[str, pd.DataFrame] = NO_PAIRS,
    spent: str = "",
    names: Names = PLAIN,
) -> dict[str, str]:
    """File name to text of the main table and the paired differences.

    Args:
        reference: of `configuration.Parameters.reference_of`.
        pairs: of `every_pair`: ranks follow from them.
        spent: what the networks were trained with; of `budget.budget`.
    """
    results.selected(selection)
    scores = score_table(results)
    main = main_table(scores, selection, scoring, results.models, pairs)
    differences = difference_table(results, selection, scoring, reference)
    described = difference_caption(results.benchmark, selection, differences, names)
    captioned = caption(results.benchmark, scores, selection, spent, names)
    stored = {"scores": scores, "main": main, "differences": differences}
    return (
        {f"{name}.csv": csv_text(table) for name, table in stored.items()}
        | printed(main_text(main, scoring, names), captioned, "main")
        | printed({"": difference_text(differences, names)}, described, "differences")
        | metrics_files(main)
    )


def every_pair(evidence: dict[str, pd.DataFrame], dice: str) -> dict[str, pd.DataFrame]:
    """The comparisons of every two networks, for the two numbers that they are ranked by; as they are stored."""
    pairs, by_auc = rounded(evidence["pairs"]), rounded(evidence["pairs_auc"])
    return {
        **({dice: pairs[pairs["metric"] == dice]} if not pairs.empty else {}),
        **({"auc": by_auc} if not by_auc.empty else {}),
    }


def evidence_tables(
    results: Results,
    root: Path,
    selection: str,
    scoring: str,
    reference: Reference | None,
    twin: Results | None = None,
) -> dict[str, pd.DataFrame]:
    """Every further table by its name; some have no rows.

    Args:
        reference: of `configuration.Parameters.reference_of`.
        twin: the same benchmark with grouped folds, if its own are not; from `leakage.grouped_twin`.
    """
    asked = Question(results.selected(selection), results.truth, selection, dice_of(scoring), reference)
    tables = {name: evidence.make(asked) for name, evidence in EVIDENCE.items()}
    tables["forensics"] = forensics_table(results, twin, root)
    tables["leakage"] = leakage_table(results, twin, root, selection, dice_of(scoring))
    return tables
