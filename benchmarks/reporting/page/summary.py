"""The page's first table: who leads in either task, and whether the difference to the reference holds."""

import pandas as pd

from benchmarks.reporting.failures import doubts
from benchmarks.reporting.labels import METRICS, dice_of, p_value_text, with_interval
from benchmarks.reporting.names import PLAIN, Names
from benchmarks.reporting.results import Results
from benchmarks.reporting.verdicts import verdict_of


def glance_metrics(main: pd.DataFrame, scoring: str) -> list[str]:
    return [metric for metric in (dice_of(scoring), "auc") if metric in main]


def glance(
    main: pd.DataFrame, differences: pd.DataFrame, results: Results, scoring: str, selection: str, names: Names
) -> list[dict]:
    """The ranking: a row per model with Dice and AUC, their intervals, and whether the difference holds; best first.

    A model whose predictions look as if it had not learned is marked.
    """
    scores = results.selected(selection)
    metrics = glance_metrics(main, scoring)
    rows = []
    for _, row in main.sort_values(metrics, ascending=False, na_position="last", kind="stable").iterrows():
        cells = [glance_cell(row, metric, differences, axis_of(main, metric), names) for metric in metrics]
        parameters = results.records.get(row["model"], {}).get("parameters")
        is_reference = row["model"] in set(differences["model_b"]) - set(differences["model_a"])
        doubtful = doubts(scores[scores["model"] == row["model"]], results.truth)
        label, mark = names.marked(row["model"])
        name = {"model": row["model"], "label": label, "mark": mark}
        rows.append(name | {"parameters": parameters, "cells": cells, "reference": is_reference, "doubts": doubtful})
    return rows


def axis_of(main: pd.DataFrame, metric: str) -> tuple[float, float]:
    """The common scale of a metric's interval bars, to tenths."""
    low, high = main[[metric, f"{metric}_low"]].min(axis=None), main[[metric, f"{metric}_high"]].max(axis=None)
    return int(low * 10) / 10, min(1.0, int(high * 10 + 1) / 10)


def glance_cell(
    row: pd.Series, metric: str, differences: pd.DataFrame, axis: tuple[float, float], names: Names = PLAIN
) -> dict | None:
    estimate, low, high = row[metric], row[f"{metric}_low"], row[f"{metric}_high"]
    if pd.isna(estimate):
        return None

    def place(value: float) -> float:
        return round(100 * (value - axis[0]) / (axis[1] - axis[0]), 2)

    cell = {
        "text": with_interval(estimate, low, high, METRICS[metric].decimals),
        "value": float(estimate),
        "bar": None if pd.isna(low) else (place(low), place(estimate), place(high)),
        "axis": axis,
        "rank": None if pd.isna(row.get(f"{metric}_rank")) else int(row[f"{metric}_rank"]),
    }
    return cell | verdict_on(row["model"], differences, metric, names)


def verdict_on(model: str, differences: pd.DataFrame, metric: str, names: Names = PLAIN) -> dict:
    """Whether the difference to the reference holds: a word for it, and the numbers behind it."""
    found = differences[(differences["model_a"] == model) & (differences["metric"] == metric)]
    if found.empty and model in set(differences["model_b"]):
        return {"verdict": "reference", "why": ""}
    if found.empty or found[["p_holm", "p_equivalent"]].iloc[0].isna().any():  # a verdict needs both tests
        return {"verdict": "not tested", "why": ""}
    pair, kind = found.iloc[0], METRICS[metric]
    to = f"to {names.of(pair.model_b)}: " if len(set(differences["model_b"])) > 1 else ""
    why = f"{to}{with_interval(pair.difference, pair.low, pair.high, kind.decimals)}, p {p_value_text(pair.p_holm)}"
    if (pair.model_a in names.own) != (pair.model_b in names.own):
        why += "; the recipes differ, too"
    return {"verdict": verdict_of(pair, kind), "why": why}
