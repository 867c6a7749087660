"""The page's first table: who leads in either task, and whether the difference to the reference holds."""

import pandas as pd

from benchmarks.reporting.failures import doubts
from benchmarks.reporting.labels import METRICS, Metric, dice_of, p_value_text, with_interval
from benchmarks.reporting.recipes import NONE, OWN, marked
from benchmarks.reporting.results import Results


def glance_metrics(main: pd.DataFrame, scoring: str) -> list[str]:
    return [metric for metric in (dice_of(scoring), "auc") if metric in main]


def glance(main: pd.DataFrame, differences: pd.DataFrame, results: Results, scoring: str, selection: str) -> list[dict]:
    """The ranking: a row per model with Dice and AUC, their intervals, and whether the difference holds; best first.

    A model whose predictions look as if it had not learned is marked.
    """
    scores = results.selected(selection)
    metrics = glance_metrics(main, scoring)
    rows, own = [], results.own_recipes
    for _, row in main.sort_values(metrics, ascending=False, na_position="last", kind="stable").iterrows():
        cells = [glance_cell(row, metric, differences, axis_of(main, metric), own) for metric in metrics]
        parameters = results.records.get(row["model"], {}).get("parameters")
        is_reference = row["model"] in set(differences["model_b"]) - set(differences["model_a"])
        doubtful = doubts(scores[scores["model"] == row["model"]], results.truth)
        name = {"model": row["model"], "label": marked(row["model"], own)}
        rows.append(name | {"parameters": parameters, "cells": cells, "reference": is_reference, "doubts": doubtful})
    return rows


def axis_of(main: pd.DataFrame, metric: str) -> tuple[float, float]:
    """The common scale of a metric's interval bars, to tenths."""
    low, high = main[[metric, f"{metric}_low"]].min(axis=None), main[[metric, f"{metric}_high"]].max(axis=None)
    return int(low * 10) / 10, min(1.0, int(high * 10 + 1) / 10)


def glance_cell(
    row: pd.Series, metric: str, differences: pd.DataFrame, axis: tuple[float, float], own: OWN = NONE
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
    }
    return cell | verdict_on(row["model"], differences, metric, own)


def verdict_on(model: str, differences: pd.DataFrame, metric: str, own: OWN = NONE) -> dict:
    """Whether the difference to the reference holds: a word for it, and the numbers behind it."""
    found = differences[(differences["model_a"] == model) & (differences["metric"] == metric)]
    if found.empty and model in set(differences["model_b"]):
        return {"verdict": "reference", "why": ""}
    if found.empty or found[["p_holm", "p_equivalent"]].iloc[0].isna().any():  # a verdict needs both tests
        return {"verdict": "not tested", "why": ""}
    pair, kind = found.iloc[0], METRICS[metric]
    to = f"to {marked(pair.model_b, own)}: " if len(set(differences["model_b"])) > 1 else ""
    why = f"{to}{with_interval(pair.difference, pair.low, pair.high, kind.decimals)}, p {p_value_text(pair.p_holm)}"
    if (pair.model_a in own) != (pair.model_b in own):
        why += "; the recipes differ, too"
    return {"verdict": verdict_of(pair, kind), "why": why}


def verdict_of(pair: pd.Series, kind: Metric) -> str:
    """The word for a paired difference, a minus b."""
    if pair["p_equivalent"] >= 0.95:  # first: with many cases, a difference too small to matter has a low p
        return "equivalent"
    if pair["p_holm"] < 0.05:
        return "better" if (pair["difference"] > 0) == kind.higher_is_better else "worse"
    return "undecided"
