"""The page's part on each network of a benchmark: what was run and on what, what it costs, where it fails."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.reporting.failures import failures
from benchmarks.reporting.labels import dice_of
from benchmarks.reporting.names import PLAIN, Names
from benchmarks.reporting.page.drawings import figure_part
from benchmarks.reporting.page.links import link_if_there
from benchmarks.reporting.page.section_outcomes import network_outcome
from benchmarks.reporting.page.stored_tables import sortable
from benchmarks.reporting.results import Results
from benchmarks.reporting.runs import run_facts

SUMMARY = ["Parameters", "Runs", "Epochs", "Seconds per epoch", "Hours in all", "Peak memory (GiB)", "Device"]


def network(
    row: dict[str, Any], results: Results, root: Path, link: Callable, selection: str, scoring: str, names: Names
) -> dict:
    """One network's own part: its curves, what it costs and where it fails.

    Args:
        row: of the main table.
    """
    model = row["model"]
    own = results.selected(selection).query("model == @model")
    reports = root / "reports"
    curve = reports / "figures" / results.benchmark / "networks" / f"{model}.svg"
    facts = run_facts(model, results.records[model]) if model in results.records else {}
    return {
        "name": model,
        "label": names.of(model),
        "outcome": network_outcome(row, own, scoring),
        "recipe": names.own.get(model),
        "failures": failures(own, dice_of(scoring)),
        "cost": [(term, facts[term]) for term in SUMMARY if facts],
        "figure": figure_part(curve, "Every run, and their mean.", link) if curve.is_file() else None,
        "card": link_if_there(reports / "cards" / "models" / f"{model}.md", link),
        "cases": link(reports / "cases" / results.benchmark / f"{model}.csv"),
        "record": link_if_there(reports / "records" / results.benchmark / f"{model}.json", link),
    }


def runs_part(records: dict[str, dict], names: Names = PLAIN) -> dict | None:
    """What was run: the facts that all networks share, and a table of those in which they differ."""
    if not records:
        return None
    facts = pd.DataFrame([run_facts(model, record) for model, record in records.items()])
    shared = [column for column in facts.columns[1:] if len(set(facts[column])) == 1]
    return {"shared": facts.iloc[0][shared].to_dict(), "table": sortable(facts.drop(columns=shared), names)}
