"""One self-contained page of all results: `python -m benchmarks.reporting.page <output.html> <benchmark> [...]`.

It is rendered from committed files under `reports/` and `params.yaml` alone, and opens from disk without a server.
"""

import argparse
import base64
import json
import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.configuration import Parameters, read_parameters
from benchmarks.errors import UserError, entry_point
from benchmarks.reporting.checklists import read_checklists
from benchmarks.reporting.claims import KNOWN_METRICS, judge, read_claims
from benchmarks.reporting.evidence import EVIDENCE, STEP_TEXTS
from benchmarks.reporting.evidence_figures import WALK_LABELS
from benchmarks.reporting.explorer import explorer_data
from benchmarks.reporting.labels import (
    DASH,
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
FIGURES = {  # where on the page: name of the file, caption
    "lead": {
        "ranking": "Means with 95% intervals, best first.",
        "critical_difference": "Mean ranks. A bar joins networks that Nemenyi's test does not tell apart.",
    },
    "pairs": {"differences": "Paired mean differences to the reference."},
    "protocol": {
        "forensics": "The same predictions under fewer and fewer faults of the released protocol, left to right.",
        "selection": "The same trainings, three rules for choosing the epoch. The oracle looks at the test fold.",
    },
    "cases": {
        "contact_sheet": "Worst, median and best cases by mean Dice over all networks. Outlines only; number: Dice.",
        "dice_distribution": "How Dice is spread over the cases.",
        "profiles": "Share of cases that reach each Dice, with pointwise 95% bands.",
        "strata": "Mean Dice by lesion size and class, with 95% intervals.",
        "discrimination": "Which network tells malignant from benign, and whether its probabilities mean it.",
        "decision_curve": "Net benefit of acting on each network, beside acting on all cases or none.",
        "training_curves": "Training, mean over runs with their range.",
    },
}
WIDE = 550  # points
LONG_TABLES = ("profiles", "decision_curve")  # drawn; on the page only as a link to the file


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
        ledger=ledger(benchmarks, parameters, root, folder),
        checklists=checklists(root, folder),
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
    link = partial(relative, folder=folder)
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
        "figures": {
            place: [
                figure_part(figures / f"{f}.svg", text, link)
                for f, text in names.items()
                if (figures / f"{f}.svg").is_file()
            ]
            for place, names in FIGURES.items()
        },
        "evidence": [evidence_part(name, tables, link) for name in EVIDENCE if (tables / f"{name}.csv").is_file()],
        "forensics": forensics_part(tables, link),
        "leakage": leakage_part(tables, link),
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


def figure_part(path: Path, text: str, link: Callable) -> dict:
    """A figure, embedded. The wide ones take the page's whole width."""
    wide = float(re.search(r'width="([\d.]+)pt"', path.read_text(encoding="utf-8")).group(1)) > WIDE
    return {"name": path.stem, "text": text, "source": embedded(path), "link": link(path), "wide": wide}


def evidence_part(name: str, tables: Path, link: Callable) -> dict:
    """One of the statistics: its title, how to read it, its file, and its table unless that is long."""
    path, evidence = tables / f"{name}.csv", EVIDENCE[name]
    table = None if name in LONG_TABLES else sortable(readable(pd.read_csv(path)))
    return {"title": evidence.title, "text": evidence.text, "table": table, "file": path.name, "link": link(path)}


def forensics_part(tables: Path, link: Callable) -> dict | None:
    """The walk from the released protocol to the standard one: a row per network and metric, a column per step."""
    path = tables / "forensics.csv"
    if not path.is_file():
        return None
    table = pd.read_csv(path)
    steps = list(dict.fromkeys(table["step"]))
    rows = []
    order = table["metric"].map(list(WALK_LABELS).index)
    for (metric, model), own in (
        table.assign(order=order).sort_values("order", kind="stable").groupby(["metric", "model"], sort=False)
    ):
        decimals = 1 if metric in ("hd95", "asd") else 3
        cells = {row.step: step_text(row, decimals) for row in own.itertuples()}
        rows.append([WALK_LABELS[metric], model, *(cells.get(step, DASH) for step in steps)])
    columns = ["Metric", "Network", *(step if step in ("released", "whole") else f"without {step}" for step in steps)]
    return {
        "table": {"columns": columns, "rows": rows},
        "steps": [(step, text) for step, text in STEP_TEXTS.items() if step in steps],
        "link": link(path),
    }


def leakage_part(tables: Path, link: Callable) -> dict | None:
    """What ungrouped folds add, for cases with a copy in training and for those without."""
    path = tables / "leakage.csv"
    if not path.is_file():
        return None
    columns = ["subset", "model", "metric", "grouped", "ungrouped", "change", "cases", "groups"]
    table = pd.read_csv(path)
    changes = [with_interval(row.change, row.low, row.high, 3) for row in table.itertuples()]
    return {"table": sortable(readable(table.assign(change=changes)[columns])), "link": link(path)}


def step_text(row: NamedTuple, decimals: int) -> str:
    """The released protocol's number in the first column, then the change with its interval; 0 where nothing moved."""
    if pd.isna(row.change):
        return number(row.mean, decimals)
    if row.change == row.low == row.high == 0:
        return "0"
    return with_interval(row.change, row.low, row.high, decimals)


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """A stored table as texts: headings without underscores, numbers with three decimals, counts as whole numbers."""
    texts = {}
    for name, column in table.items():
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
    rows = [
        {
            "paper": row.paper,
            "doi": row.doi,
            "where": row.table_or_page,
            "cells": [
                row.model,
                row.dataset,
                KNOWN_METRICS[row.metric],
                "" if pd.isna(row.value) else f"{row.value:g}{' %' if row.unit == 'percent' else ''}"
                + (f" ± {row.spread}" if row.spread else ""),
                row.how_obtained,
                row.protocol,
                f"{row.ours} ({row.benchmark})" if row.ours else "",
            ],
            "verdict": row.verdict,
            "why": row.why,
        }
        for row in judged.itertuples()
    ]  # fmt: skip
    counts = judged["verdict"].value_counts().sort_index()
    return {"rows": rows, "counts": list(counts.items()), "link": relative(path, folder)}


def checklists(root: Path, folder: Path) -> list[dict]:
    """Each checklist with its items, their answers and the files behind them, and how many are answered how."""
    parts = []
    for name, items in read_checklists().groupby("checklist", sort=False):
        rows = [row._asdict() | {"link": relative(root / row.file, folder)} for row in items.itertuples(index=False)]
        counts = ", ".join(f"{count} {answer}" for answer, count in items["answer"].value_counts().sort_index().items())
        parts.append({"name": name, "counts": counts, "rows": rows})
    return parts


def relative(path: Path, folder: Path) -> str:
    """The link from the page's folder to a file."""
    return os.path.relpath(path, folder).replace(os.sep, "/")


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


def network(model: str, results: Results, figures: Path, link: Callable, selection: str, scoring: str) -> dict:
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
