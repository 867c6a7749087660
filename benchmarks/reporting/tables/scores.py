"""The main table of a benchmark: every model's scores with their intervals, as numbers and as texts."""

import json
from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from benchmarks.reporting.labels import (
    CLASSIFICATION,
    DASH,
    METRICS,
    RELEASED_SEGMENTATION,
    SELECTION_RULES,
    Metric,
    segmentation_metrics,
    selection_note,
    with_interval,
)
from benchmarks.reporting.names import PLAIN, Names, external_note, own_note
from benchmarks.reporting.results import Results
from benchmarks.reporting.tables.printed import Best
from benchmarks.reporting.tables.stored import in_order, rounded
from benchmarks.reporting.verdicts import ranks
from benchmarks.statistics.estimates import intervals
from benchmarks.statistics.estimates.intervals import summarise
from benchmarks.statistics.estimates.metrics import estimates_with_intervals
from benchmarks.statistics.panel import arrange

NO_PAIRS: Mapping[str, pd.DataFrame] = MappingProxyType({})
HEADLINE = ("dice", "released_dice", "hd95", "auc", "average_precision", "accuracy", "brier")


def score_table(results: Results) -> pd.DataFrame:
    """Every model's mean with interval under every stored selection rule; `note` labels the oracle wherever it stands.

    Returns:
        `selection, note, model, metric, estimate, low, high, method, cases, groups, seeds`.
    """
    tables = []
    for selection in [rule for rule in SELECTION_RULES if rule in set(results.cases["selection"])]:
        table = pd.concat([summarise(results.cases, selection), summarise_released(results.cases, selection)])
        table.insert(0, "selection", selection)
        own = {model: f"; own recipe: {what}" for model, what in results.own_recipes.items()}
        table.insert(1, "note", [selection_note(selection, model) + own.get(model, "") for model in table["model"]])
        tables.append(table)
    return in_order(rounded(pd.concat(tables, ignore_index=True)), results.models)


def summarise_released(cases: pd.DataFrame, selection: str) -> pd.DataFrame:
    """What `statistics.intervals.summarise` gives, for the released segmentation scores; the same resamples."""
    panel = arrange(cases, selection)
    groups = panel.groups.max() + 1
    estimated = estimates_with_intervals(panel, list(RELEASED_SEGMENTATION), resamples=2000, seed=0, level=0.95)
    rows = [(model, *numbers, len(panel.facts), groups, len(panel.seeds(model))) for model, *numbers in estimated]
    return pd.DataFrame(rows, columns=intervals.COLUMNS)


def main_table(
    scores: pd.DataFrame, selection: str, scoring: str, models: list[str], pairs: Mapping[str, pd.DataFrame] = NO_PAIRS
) -> pd.DataFrame:
    """One row per model: each metric as `<metric>`, `<metric>_low`, `<metric>_high`; NaN where a head is lacking.

    Args:
        pairs: of every two models, by metric; such a metric has `<metric>_rank` as well (`verdicts.ranks`).
    """
    chosen = scores[scores["selection"] == selection].set_index(["model", "metric"])
    columns: dict[str, list] = {"model": models}
    for metric in [m for m in {**segmentation_metrics(scoring), **CLASSIFICATION} if m in set(scores["metric"])]:
        rows = chosen.xs(metric, level="metric").reindex(models)
        columns |= {metric: rows["estimate"], f"{metric}_low": rows["low"], f"{metric}_high": rows["high"]}
        if metric in pairs:
            known = ranks(list(rows["estimate"].dropna().index), pairs[metric], METRICS[metric])
            columns[f"{metric}_rank"] = [known.get(model) for model in models]
    return pd.DataFrame({name: list(values) for name, values in columns.items()})


def main_text(main: pd.DataFrame, scoring: str, names: Names = PLAIN) -> dict[str, pd.DataFrame]:
    """The main table as texts: one for segmentation, one for classification, each without the models that lack it.

    Sorted by the first metric, best first, with its ranks where pairs were tested; the best of each column is `Best`.
    """
    parts = {"Segmentation": segmentation_metrics(scoring), "Classification": CLASSIFICATION}
    texts = {}
    for title, metrics in parts.items():
        known = {m: metric for m, metric in metrics.items() if m in main}
        rows = main.dropna(subset=list(known), how="all")
        if known and not rows.empty:
            leading = next(iter(known))
            ordered = rows.sort_values(leading, ascending=not known[leading].higher_is_better, kind="stable")
            columns: dict[str, list[str]] = {"Model": names.all_of(ordered["model"])}
            if ordered.get(f"{leading}_rank", pd.Series(dtype=float)).notna().any():
                columns["Rank"] = [rank_text(rank) for rank in ordered[f"{leading}_rank"]]
            columns |= {metric.heading: column_text(ordered, name, metric) for name, metric in known.items()}
            texts[title] = pd.DataFrame(columns, dtype=object)  # a column of texts would forget which is `Best`
    return texts


def rank_text(rank: float) -> str:
    return DASH if pd.isna(rank) else str(int(rank))


def column_text(rows: pd.DataFrame, name: str, metric: Metric) -> list[str]:
    """A metric's estimates with their intervals; the best of several are `Best`."""
    best = rows[name].max() if metric.higher_is_better else rows[name].min()
    texts = []
    for row in rows[[name, f"{name}_low", f"{name}_high"]].itertuples(index=False):
        text = with_interval(*row, metric.decimals)
        texts.append(Best(text) if len(rows) > 1 and row[0] == best else text)
    return texts


def caption(benchmark: str, scores: pd.DataFrame, selection: str, spent: str = "", names: Names = PLAIN) -> str:
    """What every printed table says of itself.

    Args:
        spent: what the networks were trained with; of `budget.budget`.
    """
    chosen = scores[scores["selection"] == selection]
    cases, groups = chosen["cases"].iloc[0], chosen["groups"].iloc[0]
    trained = f"Trained with {spent}. " if spent else ""
    return (
        f"Benchmark {benchmark}: {cases} cases in {groups} groups. {trained}Epoch: {SELECTION_RULES[selection]}. Mean "
        "over cases, then over seeds, with its 95% cluster-bootstrap interval over groups; the best of a column is "
        "marked. Rank, by the first number: one more than the networks that are better (p < 0.05 after Holm's "
        "correction over all pairs, and not equivalent), so that those of one rank are not told apart by it."
        + external_note(names, chosen["model"])
        + own_note(names, chosen["model"])
    )


def metrics_files(main: pd.DataFrame) -> dict[str, str]:
    """A file per model of the numbers that matter most: a row each of `dvc metrics show`."""
    texts = {}
    for row in main.to_dict("records"):
        headline = {metric: row[metric] for metric in HEADLINE if metric in row and not pd.isna(row[metric])}
        texts[f"metrics/{row['model']}.json"] = json.dumps(headline, indent=1) + "\n"
    return texts
