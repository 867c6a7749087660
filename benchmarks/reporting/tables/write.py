"""All tables of a benchmark, from its stored scores."""

from pathlib import Path

from threadpoolctl import threadpool_limits

from benchmarks.configuration import PARAMETERS, read_parameters
from benchmarks.reporting.files import write_texts
from benchmarks.reporting.labels import dice_of
from benchmarks.reporting.results import Results, read_results
from benchmarks.reporting.tables.differences import difference_caption, difference_table, difference_text
from benchmarks.reporting.tables.leakage import grouped_twin, leakage_table
from benchmarks.reporting.tables.printed import printed
from benchmarks.reporting.tables.scores import caption, main_table, main_text, metrics_json, score_table
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
    results = read_results(benchmark, root, parameters.reference, parameters)
    reference = parameters.reference_of(benchmark, results.models)
    twin = grouped_twin(results, root, parameters)
    texts = main_files(results, selection, scoring, reference)
    texts |= evidence_files(results, root, selection, scoring, reference, twin)
    write_texts(texts, output / "tables" / benchmark)


def main_files(results: Results, selection: str, scoring: str, reference: Reference | None) -> dict[str, str]:
    """File name to text of the main table and the paired differences.

    Args:
        reference: of `configuration.Parameters.reference_of`.
    """
    results.selected(selection)
    scores = score_table(results)
    main = main_table(scores, selection, scoring, results.models)
    differences = difference_table(results, selection, scoring, reference)
    own = results.own_recipes
    described = difference_caption(results.benchmark, selection, differences, own)
    stored = {"scores": scores, "main": main, "differences": differences}
    return (
        {f"{name}.csv": csv_text(table) for name, table in stored.items()}
        | printed(main_text(main, scoring, own), caption(results.benchmark, scores, selection, own), "main")
        | printed({"": difference_text(differences, own)}, described, "differences")
        | {"metrics.json": metrics_json(main)}
    )


def evidence_files(
    results: Results,
    root: Path,
    selection: str,
    scoring: str,
    reference: Reference | None,
    twin: Results | None = None,
) -> dict[str, str]:
    """File name to text of every further table that has rows.

    Args:
        reference: of `configuration.Parameters.reference_of`.
        twin: the same benchmark with grouped folds, if its own are not; from `leakage.grouped_twin`.
    """
    asked = Question(results.selected(selection), results.truth, selection, dice_of(scoring), reference)
    tables = {name: evidence.make(asked) for name, evidence in EVIDENCE.items()}
    tables["forensics"] = forensics_table(results, twin, root)
    tables["leakage"] = leakage_table(results, twin, root, selection, dice_of(scoring))
    return {f"{name}.csv": csv_text(rounded(table)) for name, table in tables.items() if not table.empty}
