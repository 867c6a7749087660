"""One self-contained page of all results: `python -m benchmarks.reporting.page <output.html> <benchmark> [...]`.

It is rendered from committed files under `reports/` and `params.yaml` alone, and opens from disk without a server.
"""

import argparse
import base64
import json
import os
from pathlib import Path

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.configuration import Parameters, read_parameters
from benchmarks.errors import UserError, entry_point
from benchmarks.reporting.explorer import explorer_data
from benchmarks.reporting.labels import (
    METRICS,
    SELECTION_RULES,
    Metric,
    dice_of,
    number,
    p_value_text,
    with_interval,
)
from benchmarks.reporting.results import Results, read_csv, read_results
from benchmarks.reporting.tables import caption, difference_caption, difference_text, main_text, write_text

TEMPLATES = Path(__file__).parent / "templates"
FIGURES = {
    "ranking": "Means with 95% intervals, best first.",
    "differences": "Paired mean differences to the reference.",
    "dice_distribution": "How Dice is spread over the cases.",
    "discrimination": "Which network tells malignant from benign, and whether its probabilities mean what they say.",
    "selection": "The same trainings, three rules for choosing the epoch. The oracle looks at the test fold.",
    "training_curves": "Training, mean over runs with their range.",
    "contact_sheet": "Worst, median and best cases by mean Dice over all networks. Outlines only; number: Dice.",
}


def render_page(benchmarks: list[str], root: Path, folder: Path) -> str:
    """The page's text.

    Args:
        benchmarks: those to show, in order; their tables and figures must have been made.
        root: the repository.
        folder: where the page will lie; links lead from there.

    Raises:
        UserError: a benchmark is unknown or has no results, tables or figures.
    """
    parameters = read_parameters(root / "params.yaml")
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sections = [section(name, parameters, root, folder) for name in benchmarks]
    explorers = {part["name"]: part.pop("explorer") for part in sections}
    return environment.get_template("page.html").render(
        sections=sections,
        reference=parameters.reference,
        explorers=json.dumps(explorers, separators=(",", ":")).replace("</", "<\\/"),
        style=(TEMPLATES / "page.css").read_text(encoding="utf-8"),
        script=(TEMPLATES / "page.js").read_text(encoding="utf-8"),
    )


def section(name: str, parameters: Parameters, root: Path, folder: Path) -> dict:
    """All that the page says of one benchmark."""
    settings = parameters.benchmark(name)
    results = read_results(name, root, parameters.reference)
    tables, figures = root / "reports" / "tables" / name, root / "reports" / "figures" / name
    if not (tables / "main.csv").is_file():
        raise UserError(f"{tables}: no tables. Make them first: python -m benchmarks.reporting.compare {name}")
    scores, main = read_csv(tables / "scores.csv", ["selection", "estimate"]), read_csv(tables / "main.csv", ["model"])
    differences = pd.read_csv(tables / "differences.csv")
    link = lambda path: os.path.relpath(path, folder).replace(os.sep, "/")  # noqa: E731
    rule = settings.selection.rule
    return {
        "name": name,
        "settings": settings,
        "rule": SELECTION_RULES[rule],
        "oracle": rule == "test_oracle",
        "facts": scores.iloc[0],
        "folds": results.cases["fold"].nunique(),
        "seeds": results.cases["seed"].nunique(),
        "models": results.models,
        "glance": glance(main, differences, results, settings.scoring, parameters.reference),
        "glance_metrics": [METRICS[m] for m in glance_metrics(main, settings.scoring)],
        "main": {title: sortable(table) for title, table in main_text(main, settings.scoring).items()},
        "caption": caption(name, scores, rule),
        "differences": sortable(difference_text(differences)),
        "difference_caption": difference_caption(name, rule, parameters.reference),
        "figures": [
            {"name": f, "text": text, "source": embedded(figures / f"{f}.svg"), "link": link(figures / f"{f}.svg")}
            for f, text in FIGURES.items()
            if (figures / f"{f}.svg").is_file()
        ],
        "networks": [network(model, results, figures, link, rule, settings.scoring) for model in results.models],
        "runs": [run_facts(model, results.records[model]) for model in results.models if model in results.records],
        "files": {
            "scores.csv": link(tables / "scores.csv"),
            "main.csv": link(tables / "main.csv"),
            "main.md": link(tables / "main.md"),
            "main.tex": link(tables / "main.tex"),
            "differences.csv": link(tables / "differences.csv"),
        },
        "case_files": {m: link(root / "reports" / "cases" / name / f"{m}.csv") for m in results.models},
        "explorer": explorer_data(results, root, rule, settings.scoring),
    }


def sortable(table: pd.DataFrame) -> dict:
    """Columns and rows of texts, as the template's table macro takes them."""
    return {"columns": list(table.columns), "rows": table.to_numpy().tolist()}


def embedded(path: Path) -> str:
    """A file as the address of its own bytes."""
    return "data:image/svg+xml;base64," + base64.b64encode(path.read_bytes()).decode()


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
    why = (
        f"{with_interval(pair.difference, pair.low, pair.high, metric.decimals)}, p {p_value_text(pair.p_holm)} (Holm)"
    )
    if pair.p_holm < 0.05:
        better = (pair.difference > 0) == metric.higher_is_better
        return {"verdict": "better" if better else "worse", "why": why}
    if pair.get("p_equivalent", 0) >= 0.95:
        return {"verdict": "equivalent", "why": why}
    return {"verdict": "undecided", "why": why}


def network(model: str, results: Results, figures: Path, link, selection: str, scoring: str) -> dict:
    """One network's own part: its curves, what it costs and where it fails."""
    own = results.selected(selection).query("model == @model")
    curve = figures / "networks" / f"{model}.svg"
    dice = own[dice_of(scoring)]
    called = (own["probability"] > 0.5).astype(int)
    failures = []
    if dice.notna().any():
        failures.append(("Empty predictions", f"{own['empty'].sum():.0f} of {len(own)}"))
        failures.append(("Dice below 0.5", f"{(dice < 0.5).sum()} of {len(own)} ({100 * (dice < 0.5).mean():.1f}%)"))
    if own["probability"].notna().any():
        for label, text in ((1, "Malignant called benign"), (0, "Benign called malignant")):
            of_class = own["label"] == label
            failures.append((text, f"{(called[of_class] != label).sum()} of {of_class.sum()}"))
    return {
        "name": model,
        "failures": failures,
        "cost": run_facts(model, results.records[model]) if model in results.records else None,
        "figure": embedded(curve) if curve.is_file() else None,
        "link": link(curve),
    }


def run_facts(model: str, record: dict) -> dict:
    """What was run, on what, with which versions: one line per cell; several values are joined."""
    runs = record["runs"]
    each = lambda key: ", ".join(sorted({str(run.get(key)) for run in runs}))  # noqa: E731
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


@entry_point
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path, help="the page to write, such as reports/index.html")
    parser.add_argument("benchmarks", nargs="+", help="names in params.yaml")
    arguments = parser.parse_args()
    write_text(render_page(arguments.benchmarks, Path(), arguments.output.parent), arguments.output)
    print(f"The page: {arguments.output.resolve()}")


if __name__ == "__main__":
    main()
