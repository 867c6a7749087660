"""The page's part on each network of a benchmark: what was run and on what, what it costs, where it fails."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from benchmarks.reporting.failures import failures
from benchmarks.reporting.labels import dice_of, number
from benchmarks.reporting.page.links import embedded, link_if_there
from benchmarks.reporting.page.stored_tables import sortable
from benchmarks.reporting.results import Results

SUMMARY = ["Parameters", "Runs", "Epochs", "Seconds per epoch", "Hours in all", "Peak memory (GiB)", "Device"]


def network(model: str, results: Results, root: Path, link: Callable, selection: str, scoring: str) -> dict:
    """One network's own part: its curves, what it costs and where it fails."""
    own = results.selected(selection).query("model == @model")
    reports = root / "reports"
    curve = reports / "figures" / results.benchmark / "networks" / f"{model}.svg"
    facts = run_facts(model, results.records[model]) if model in results.records else {}
    return {
        "name": model,
        "failures": failures(own, dice_of(scoring)),
        "cost": [(term, facts[term]) for term in SUMMARY if facts],
        "figure": embedded(curve) if curve.is_file() else None,
        "link": link(curve),
        "card": link_if_there(reports / "cards" / "models" / f"{model}.md", link),
        "cases": link(reports / "cases" / results.benchmark / f"{model}.csv"),
        "record": link_if_there(reports / "records" / results.benchmark / f"{model}.json", link),
    }


def runs_part(records: dict[str, dict]) -> dict | None:
    """What was run: the facts that all networks share, and a table of those in which they differ."""
    if not records:
        return None
    facts = pd.DataFrame([run_facts(model, record) for model, record in records.items()])
    shared = [column for column in facts.columns[1:] if len(set(facts[column])) == 1]
    return {"shared": facts.iloc[0][shared].to_dict(), "table": sortable(facts.drop(columns=shared))}


def run_facts(model: str, record: dict) -> dict:
    """What was run, on what, with which versions: one line per cell; several values are joined."""
    runs = record["runs"]

    def each(key: str) -> str:
        return ", ".join(sorted({str(run.get(key)) for run in runs}))

    seconds = [run["seconds_per_epoch"] for run in runs]
    versions = runs[0]["versions"]
    return {
        "Network": model,
        "Parameters": f"{record['parameters']:,}",
        "Runs": str(len(runs)),
        "Epochs": each("epochs"),
        "Seconds per epoch": number(sorted(seconds)[len(seconds) // 2], 1),
        "Hours in all": number(sum(run["seconds_per_epoch"] * run["epochs"] for run in runs) / 3600, 2),
        "Peak memory (GiB)": number(max(run["peak_memory_bytes"] for run in runs) / 2**30, 2),
        "Device": each("device"),
        "Image size": each("image_size"),
        "Deformable convolution": each("deformable").replace("None", "none"),
        "Encoder weights": each("encoder_weights"),
        "Mixed precision": "yes" if any(run["mixed_precision"] for run in runs) else "no",
        "Versions": ", ".join(f"{package} {version}" for package, version in versions.items()),
        "Commit": ", ".join(sorted({run["git_commit"][:10] for run in runs})),
    }
