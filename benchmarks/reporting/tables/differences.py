"""Each model's paired differences to its reference, as numbers and as texts."""

from pathlib import Path

import pandas as pd

from benchmarks.errors import UserError
from benchmarks.reporting.labels import METRICS, SELECTION_RULES, counterpart, p_value_text, with_interval
from benchmarks.reporting.names import PLAIN, Names, own_note
from benchmarks.reporting.results import Results, rows_of
from benchmarks.reporting.tables.stored import in_order, read_stored, rounded
from benchmarks.statistics.comparisons import pairs
from benchmarks.statistics.comparisons.bootstrap import compare_by_bootstrap
from benchmarks.statistics.comparisons.delong import compare_auc
from benchmarks.statistics.panel import Reference

COMPARED = {
    "standard": ["dice", "hd95", "hd95_larger_side", "auc", "average_precision", "accuracy", "brier"],
    "released": ["released_dice", "auc", "average_precision", "accuracy", "brier"],
}


def difference_table(results: Results, selection: str, scoring: str, reference: Reference | None) -> pd.DataFrame:
    """Paired differences to the reference, or of each model to its own; a Holm family for each metric.

    AUC by DeLong's test for grouped cases (`comparisons.delong`), average precision by `comparisons.bootstrap`, all
    else by `comparisons.pairs.compare`.

    Returns:
        The columns of `pairs.compare`, ordered by metric and model; no row without a reference.
    """
    cases = results.selected(selection)
    tables = [pd.DataFrame(columns=pairs.COLUMNS)]
    for metric in COMPARED[scoring] if reference else []:
        if metric == "auc":
            table = compare_auc(cases, selection, reference=reference).assign(metric="auc", method="DeLong")
        elif metric == "average_precision":
            table = compare_by_bootstrap(cases, metric, selection, reference=reference)
        else:
            table = pairs.compare(cases, metric, selection, reference=reference)
        tables.append(in_order(table, results.models, "model_a"))
    tables = [table for table in tables if not table.empty] or tables[:1]
    return rounded(pd.concat(tables, ignore_index=True).reindex(columns=pairs.COLUMNS))


def read_differences(path: Path) -> pd.DataFrame:
    """The stored differences; no row without a reference.

    Raises:
        UserError: a statistic is missing: the table was made by other code.
    """
    table = read_stored(path)
    if missing := [column for column in pairs.COLUMNS if column not in table]:
        raise UserError(
            f"{path}: expected the columns {', '.join(pairs.COLUMNS)}; missing {', '.join(missing)}. Make it anew: "
            f"`acsbench tables {path.parent.name}`"
        )
    return table


def difference_text(differences: pd.DataFrame, names: Names = PLAIN) -> pd.DataFrame:
    """The paired differences as texts, a row per metric and model; the other model too, where it is not always one."""
    differences = best_first(differences)
    text = pd.DataFrame(
        {
            "Metric": [METRICS[row.metric].heading for row in rows_of(differences)],
            "Model": names.all_of(differences["model_a"]),
            "Difference [95% interval]": [
                with_interval(row.difference, row.low, row.high, METRICS[row.metric].decimals)
                for row in rows_of(differences)
            ],
            "p": [p_value_text(p) for p in differences["p_value"]],
            "p (Holm)": [p_value_text(p) for p in differences["p_holm"]],
        }
    )
    if len(set(differences["model_b"])) > 1:
        text.insert(2, "Minus", names.all_of(differences["model_b"]))
    return text


def best_first(differences: pd.DataFrame) -> pd.DataFrame:
    """Each metric's rows by difference, best first; metrics and references as they first come."""
    parts = [
        own.sort_values("difference", ascending=not METRICS[str(metric)].higher_is_better, kind="stable")
        for (metric, _), own in differences.groupby(["metric", "model_b"], sort=False)  # ty: ignore[not-iterable]  # pandas: a group's key is a Hashable
    ]
    return pd.concat(parts, ignore_index=True) if parts else differences


def difference_caption(benchmark: str, selection: str, differences: pd.DataFrame, names: Names = PLAIN) -> str:
    return (
        f"Benchmark {benchmark}: each model minus {names.of(counterpart(differences))}, paired by case. "
        f"Epoch: {SELECTION_RULES[selection]}. "
        "Intervals: 95% cluster bootstrap over groups; p: sign-flip permutation of whole groups (AUC: both by DeLong's "
        "method for grouped cases; average precision: p by the bootstrap's standard deviation). Holm: corrected over "
        "the models of one metric." + own_note(names, [*differences["model_a"], *differences["model_b"]])
    )
