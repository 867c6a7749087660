"""The page's first table: who leads in either task, and whether the difference to the reference holds."""

import pandas as pd

from benchmarks.reporting.labels import METRICS, Metric, dice_of, p_value_text, with_interval
from benchmarks.reporting.results import Results


def glance_metrics(main: pd.DataFrame, scoring: str) -> list[str]:
    return [metric for metric in (dice_of(scoring), "auc") if metric in main]


def glance(main: pd.DataFrame, differences: pd.DataFrame, results: Results, scoring: str, reference: str) -> list[dict]:
    """The ranking: a row per model with Dice and AUC, their intervals, and whether the difference holds; best first."""
    metrics = glance_metrics(main, scoring)
    rows = []
    for _, row in main.sort_values(metrics, ascending=False, na_position="last", kind="stable").iterrows():
        cells = [
            glance_cell(row, m, METRICS[m], differences[differences["metric"] == m], reference, axis_of(main, m))
            for m in metrics
        ]
        parameters = results.records.get(row["model"], {}).get("parameters")
        rows.append({"model": row["model"], "parameters": parameters, "cells": cells})
    return rows


def axis_of(main: pd.DataFrame, metric: str) -> tuple[float, float]:
    """The common scale of a metric's interval bars, to tenths."""
    low, high = main[[metric, f"{metric}_low"]].min(axis=None), main[[metric, f"{metric}_high"]].max(axis=None)
    return int(low * 10) / 10, min(1.0, int(high * 10 + 1) / 10)


def glance_cell(
    row: pd.Series, name: str, metric: Metric, differences: pd.DataFrame, reference: str, axis: tuple[float, float]
) -> dict | None:
    estimate, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    if pd.isna(estimate):
        return None
    place = lambda value: round(100 * (value - axis[0]) / (axis[1] - axis[0]), 2)  # noqa: E731
    cell = {
        "text": with_interval(estimate, low, high, metric.decimals),
        "value": float(estimate),
        "bar": None if pd.isna(low) else (place(low), place(estimate), place(high)),
        "axis": axis,
    }
    return cell | verdict_on(row["model"], differences, reference, metric)


def verdict_on(model: str, differences: pd.DataFrame, reference: str, metric: Metric) -> dict:
    """Whether the difference to the reference holds: a word for it, and the numbers behind it."""
    if model == reference:
        return {"verdict": "reference", "why": ""}
    found = differences[differences["model_a"] == model]
    if found.empty or pd.isna(found["p_holm"].iloc[0]):
        return {"verdict": "not tested", "why": ""}
    pair = found.iloc[0]
    why = f"{with_interval(pair.difference, pair.low, pair.high, metric.decimals)}, p {p_value_text(pair.p_holm)}"
    if pair.p_holm < 0.05:
        better = (pair.difference > 0) == metric.higher_is_better
        return {"verdict": "better" if better else "worse", "why": why}
    if pair.get("p_equivalent", 0) >= 0.95:
        return {"verdict": "equivalent", "why": why}
    return {"verdict": "undecided", "why": why}
