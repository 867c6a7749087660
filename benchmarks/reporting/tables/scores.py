"""The main table of a benchmark: every model's scores with their intervals, as numbers and as texts."""

import json

import pandas as pd

from benchmarks.reporting.labels import (
    CLASSIFICATION,
    METRICS,
    RELEASED_SEGMENTATION,
    SELECTION_RULES,
    external_note,
    segmentation_metrics,
    selection_note,
    with_interval,
)
from benchmarks.reporting.recipes import NONE, OWN, marked, own_note
from benchmarks.reporting.results import Results
from benchmarks.reporting.tables.stored import in_order, rounded
from benchmarks.statistics.estimates import intervals
from benchmarks.statistics.estimates.intervals import summarise
from benchmarks.statistics.estimates.metrics import estimate_with_interval
from benchmarks.statistics.panel import arrange
from benchmarks.statistics.resampling import group_weights


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
    weights = group_weights(groups, resamples=2000, seed=0)
    rows = [
        (model, metric, *estimated, len(panel.facts), groups, len(panel.seeds(model)))
        for metric in RELEASED_SEGMENTATION
        for model, *estimated in estimate_with_interval(panel, metric, weights, level=0.95)
    ]
    return pd.DataFrame(rows, columns=intervals.COLUMNS)


def main_table(scores: pd.DataFrame, selection: str, scoring: str, models: list[str]) -> pd.DataFrame:
    """One row per model: each metric as `<metric>`, `<metric>_low`, `<metric>_high`; NaN where a head is lacking."""
    chosen = scores[scores["selection"] == selection].set_index(["model", "metric"])
    columns: dict[str, list] = {"model": models}
    for metric in [m for m in {**segmentation_metrics(scoring), **CLASSIFICATION} if m in set(scores["metric"])]:
        rows = chosen.xs(metric, level="metric").reindex(models)
        columns |= {metric: rows["estimate"], f"{metric}_low": rows["low"], f"{metric}_high": rows["high"]}
    return pd.DataFrame({name: list(values) for name, values in columns.items()})


def main_text(main: pd.DataFrame, scoring: str, own: OWN = NONE) -> dict[str, pd.DataFrame]:
    """The main table as texts: one for segmentation, one for classification, each without the models that lack it."""
    parts = {"Segmentation": segmentation_metrics(scoring), "Classification": CLASSIFICATION}
    texts = {}
    for title, metrics in parts.items():
        known = {m: metric for m, metric in metrics.items() if m in main}
        rows = main.dropna(subset=list(known), how="all")
        if known and not rows.empty:
            columns = {
                metric.heading: [
                    with_interval(*values, metric.decimals)
                    for values in rows[[name, f"{name}_low", f"{name}_high"]].itertuples(index=False)
                ]
                for name, metric in known.items()
            }
            texts[title] = pd.DataFrame({"Model": [marked(model, own) for model in rows["model"]]} | columns)
    return texts


def caption(benchmark: str, scores: pd.DataFrame, selection: str, own: OWN = NONE) -> str:
    """What every printed table says of itself."""
    chosen = scores[scores["selection"] == selection]
    cases, groups = chosen["cases"].iloc[0], chosen["groups"].iloc[0]
    seeds = chosen["seeds"].max()
    return (
        f"Benchmark {benchmark}: {cases} cases in {groups} groups, {seeds} seed{'s' if seeds > 1 else ''}. Epoch: "
        f"{SELECTION_RULES[selection]}. Mean over cases, then over seeds, with its 95% cluster-bootstrap interval "
        "over groups." + external_note(chosen["model"]) + own_note(own, list(chosen["model"]))
    )


def metrics_json(main: pd.DataFrame) -> str:
    """Estimates by model and metric, for `dvc metrics show`; a metric that a model cannot have is left out."""
    estimates = main.set_index("model")[[column for column in main if column in METRICS]]
    nested = {model: row.dropna().to_dict() for model, row in estimates.iterrows()}
    return json.dumps(nested, indent=1) + "\n"
