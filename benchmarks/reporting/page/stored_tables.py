"""Stored tables as the page prints them: statistics, the walk between protocols, the claim ledger, the checklists."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from benchmarks.configuration import Parameters
from benchmarks.reporting.claims.checklists import read_checklists, with_treatment
from benchmarks.reporting.claims.ledger import KNOWN_METRICS, judge, read_claims
from benchmarks.reporting.labels import DASH, WALK, number, p_value_text, with_interval
from benchmarks.reporting.names import OWN_RECIPE, PLAIN, Names, label_of, title_of
from benchmarks.reporting.page.links import relative
from benchmarks.reporting.page.outcomes import outcome
from benchmarks.reporting.recipes import own_recipes
from benchmarks.reporting.results import read_csv, rows_of
from benchmarks.reporting.tables.printed import Best
from benchmarks.reporting.tables.statistics import EVIDENCE
from benchmarks.reporting.tables.walk import STEP_TEXTS

# There is a figure of it: on the page only as a link to the file.
DRAWN = ("profiles", "decision_curve", "rank_shares", "reliability")
NAMES = ("model", "model a", "model b", "leader", "rival", "Network")  # columns that hold models
LONG = 200  # rows; longer tables, too, are only linked


def sortable(table: pd.DataFrame, names: Names = PLAIN) -> dict:
    """Columns and rows of texts, as the template's table macro takes them; models by their labels, the best strong."""
    table = table.assign(**{column: names.all_of(map(str, table[column])) for column in table if column in NAMES})
    rows = [[strong(cell) if isinstance(cell, Best) else cell for cell in row] for row in table.to_numpy().tolist()]
    return {"columns": list(table.columns), "rows": rows}


def strong(text: str) -> Markup:
    return Markup("<strong>{}</strong>").format(str(text))


def evidence_part(name: str, tables: Path, link: Callable, names: Names = PLAIN) -> dict:
    """One of the statistics: its title, how to read it, its outcome, its file, and its table unless that is long."""
    path, evidence = tables / f"{name}.csv", EVIDENCE[name]
    stored = pd.read_csv(path)
    table = None if name in DRAWN or len(stored) > LONG else sortable(readable(stored), names)
    texts = {"title": evidence.title, "text": evidence.text, "outcome": names.in_text(outcome(name, stored))}
    return texts | {"table": table, "file": path.name, "link": link(path)}


def forensics_part(tables: Path, link: Callable, names: Names = PLAIN) -> dict | None:
    """The walk from the released protocol to the standard one: a row per network and metric, a column per step."""
    path = tables / "forensics.csv"
    if not path.is_file():
        return None
    table = pd.read_csv(path)
    steps = list(dict.fromkeys(table["step"]))
    rows = []
    order = table["metric"].map(list(WALK).index)
    ordered = table.assign(order=order).sort_values("order", kind="stable")
    for (metric, model), walk in ordered.groupby(["metric", "model"], sort=False):  # ty: ignore[not-iterable]  # pandas: a group's key is a Hashable
        decimals = 1 if metric in ("hd95", "asd") else 3
        cells = {row.step: step_text(row, decimals) for row in rows_of(walk)}
        rows.append([WALK[metric], names.of(str(model)), *(cells.get(step, DASH) for step in steps)])
    columns = ["Metric", "Network", *(step if step in ("released", "whole") else f"without {step}" for step in steps)]
    return {
        "table": {"columns": columns, "rows": rows},
        "steps": [(step, text) for step, text in STEP_TEXTS.items() if step in steps],
        "link": link(path),
    }


def leakage_part(tables: Path, link: Callable, names: Names = PLAIN) -> dict | None:
    """What ungrouped folds add, for cases with a copy in training and for those without."""
    path = tables / "leakage.csv"
    if not path.is_file():
        return None
    columns = ["model", "metric", "subset", "grouped", "ungrouped", "change", "cases", "groups"]
    table = pd.read_csv(path)
    changes = [with_interval(row.change, row.low, row.high, 3) for row in rows_of(table)]
    return {"table": sortable(readable(table.assign(change=changes)[columns]), names), "link": link(path)}


def step_text(row: Any, decimals: int) -> str:
    """The released protocol's number in the first column, then the change with its interval; 0 where nothing moved."""
    if pd.isna(row.change):
        return number(row.mean, decimals)
    if row.change == row.low == row.high == 0:
        return "0"
    return with_interval(row.change, row.low, row.high, decimals)


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """A stored table as texts: headings without underscores, numbers with three decimals, counts as whole numbers."""
    texts = {}
    for name in table.columns:
        column = table[name]
        if name.startswith("p_") and not name.startswith(("p_better", "p_worse", "p_equivalent")):
            texts[name] = [p_value_text(value) for value in column]
        elif pd.api.types.is_float_dtype(column):
            texts[name] = [number(value, 3) for value in column]
        else:
            texts[name] = ["" if pd.isna(value) else str(value) for value in column]
    return pd.DataFrame(texts).rename(columns=lambda name: name.replace("_", " "))


def ledger(benchmarks: list[str], parameters: Parameters, root: Path, folder: Path) -> dict | None:
    """Reported numbers beside ours; `None` where no ledger is on file."""
    path = root / "reports" / "reported" / "claims.csv"
    if not path.is_file():
        return None
    stored = {name: root / "reports" / "tables" / name / "scores.csv" for name in benchmarks}
    scores = {name: read_csv(file, ["selection", "estimate"]) for name, file in stored.items()}
    judged = judge(read_claims(path, parameters), scores, parameters)

    def by_own(row: Any) -> bool:
        return bool(row.benchmark) and row.counterpart in own_recipes(row.benchmark, [row.counterpart], parameters)

    rows = [
        {
            "paper": row.paper,
            "doi": row.doi,
            "where": row.table_or_page,
            "cells": [
                label_of(row.model, parameters),
                title_of(row.dataset),
                KNOWN_METRICS[row.metric],
                "" if pd.isna(row.value) else f"{row.value:g}{' %' if row.unit == 'percent' else ''}"
                + (f" ± {row.spread}" if row.spread else ""),
                row.how_obtained,
                row.protocol,
                f"{row.ours} ({row.benchmark}){OWN_RECIPE * by_own(row)}" if row.ours else "",
            ],
            "verdict": row.verdict,
            "why": row.why,
        }
        for row in rows_of(judged)
    ]  # fmt: skip
    counts = judged["verdict"].value_counts().sort_index()
    return {"rows": rows, "counts": list(counts.items()), "link": relative(path, folder)}


def checklists(root: Path, folder: Path, benchmarks: list[str], parameters: Parameters) -> list[dict]:
    """Each checklist with its items, their answers and the files behind them, and how many are answered how.

    Args:
        benchmarks: those that the page shows, whose models the answers speak of.
    """
    shown = {name: sorted(path.stem for path in (root / "reports/cases" / name).glob("*.csv")) for name in benchmarks}
    parts = []
    for name, items in with_treatment(read_checklists(), shown, parameters).groupby("checklist", sort=False):
        rows = [row | {"link": relative(root / row["file"], folder)} for row in items.to_dict("records")]
        counts = ", ".join(f"{count} {answer}" for answer, count in items["answer"].value_counts().sort_index().items())
        parts.append({"name": name, "counts": counts, "rows": rows})
    return parts
