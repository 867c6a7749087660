"""A model's stored results on a benchmark: scores, calibration, subgroups, failures, what was run."""

from pathlib import Path

import pandas as pd

from benchmarks.configuration import Parameters
from benchmarks.reporting.cards.models import recipe_text
from benchmarks.reporting.failures import failures
from benchmarks.reporting.labels import (
    CLASSIFICATION,
    METRICS,
    SELECTION_RULES,
    dice_of,
    is_external,
    segmentation_metrics,
    with_interval,
)
from benchmarks.reporting.results import Results, read_csv, rows_of
from benchmarks.reporting.runs import run_facts

CALIBRATION = ("brier", "calibration_error")
RUN_FACTS = (
    *("Runs", "Encoder weights", "Device", "Deformable convolution", "Hours in all", "Peak memory (GiB)"),
    *("Versions", "Commit"),
)


def result_part(model: str, results: Results, parameters: Parameters, root: Path) -> dict | None:
    """A model's stored results on one benchmark; `None` where it has none."""
    name = results.benchmark
    if model not in results.models:
        return None
    settings = parameters.benchmark(name)
    rule, dice = settings.selection.rule, dice_of(settings.scoring)
    folder = root / "reports" / "tables" / name
    scores = read_csv(folder / "scores.csv", ["selection", "model", "metric", "estimate", "low", "high", "method"])
    scores = scores[(scores["selection"] == rule) & (scores["model"] == model)]
    if scores.empty:
        return None
    calibration = scores["metric"].isin(CALIBRATION)
    known = scores["metric"].isin([*segmentation_metrics(settings.scoring), *CLASSIFICATION])
    facts = run_facts(model, results.records[model]) if model in results.records else {}
    return {
        "name": name,
        "own_recipe": results.own_recipes.get(model),
        "budget": None if is_external(model) else parameters.training_of(name, model),
        "settings": settings,
        "rule": SELECTION_RULES[rule],
        "cases": scores["cases"].iloc[0],
        "groups": scores["groups"].iloc[0],
        "scores": score_text(scores[known & ~calibration]),
        "calibration": score_text(scores[known & calibration]),
        "strata": strata_text(folder / "strata.csv", model),
        "failures": failures(results.selected(rule).query("model == @model"), dice),
        "recipe": None if is_external(model) else recipe_text(name, model, parameters),
        "runs": {term: facts[term] for term in RUN_FACTS if facts},
    }


def score_text(scores: pd.DataFrame) -> pd.DataFrame:
    """Metric, estimate with its 95% interval, and the interval's method, as texts."""
    rows = []
    for row in rows_of(scores.dropna(subset="estimate")):
        metric = METRICS[row.metric]
        rows.append((metric.heading, with_interval(row.estimate, row.low, row.high, metric.decimals), row.method))
    return pd.DataFrame(rows, columns=["Metric", "Estimate [95% interval]", "Method"]).fillna("none")


def strata_text(path: Path, model: str) -> pd.DataFrame:
    """The model's score in each stratum with its interval, as texts; empty where none are stored."""
    columns = ["Subgroup", "Metric", "Estimate [95% interval]", "Cases", "Groups"]
    if not path.is_file():
        return pd.DataFrame(columns=columns)
    table = read_csv(path, ["by", "stratum", "model", "metric", "estimate", "low", "high", "cases", "groups"])
    rows = [
        (f"{row.by}: {row.stratum}", METRICS[row.metric].label, with_interval(row.estimate, row.low, row.high, 3),
         row.cases, row.groups)
        for row in rows_of(table[table["model"] == model])
        if row.metric in METRICS
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
