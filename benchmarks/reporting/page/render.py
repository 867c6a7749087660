"""One self-contained page of all results.

It is rendered from committed files under `reports/` and `params.yaml` alone, and opens from disk without a server.
"""

import base64
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from benchmarks.configuration import PARAMETERS, Parameters, read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting.budget import budget
from benchmarks.reporting.files import write_text
from benchmarks.reporting.labels import GENERATED, METRICS, SELECTION_RULES, counterpart
from benchmarks.reporting.names import Names, all_names, label_of, names_of, title_of
from benchmarks.reporting.page.budgets import budgets_part
from benchmarks.reporting.page.drawings import figure_part
from benchmarks.reporting.page.explorer import explorer_data
from benchmarks.reporting.page.external import external_part, matrix_file
from benchmarks.reporting.page.findings import OF_GENERATED, findings_part
from benchmarks.reporting.page.leads import lead_text, leads_part
from benchmarks.reporting.page.learning_curve import learning_curve_part
from benchmarks.reporting.page.links import FRONT, link_if_there, other_pages, relative
from benchmarks.reporting.page.networks import network, runs_part
from benchmarks.reporting.page.pretraining import pretraining_part
from benchmarks.reporting.page.section_outcomes import outcomes_of_parts
from benchmarks.reporting.page.stored_tables import (
    checklists,
    evidence_part,
    forensics_part,
    leakage_part,
    ledger,
    sortable,
)
from benchmarks.reporting.page.summary import axis_of, glance, glance_metrics
from benchmarks.reporting.recipes import epochs_text
from benchmarks.reporting.results import read_csv, read_results
from benchmarks.reporting.style import NAMED
from benchmarks.reporting.tables.differences import difference_caption, difference_text, read_differences
from benchmarks.reporting.tables.scores import caption, main_text
from benchmarks.reporting.tables.statistics import EVIDENCE
from benchmarks.reporting.weights import weights_text
from benchmarks.reporting.wording import counted, listed

TEMPLATES = Path(__file__).parent / "templates"
FIGURES = {  # where on the page: name of the file, caption
    "lead": {
        "ranking": "Means with 95% intervals, best first.",
        "critical_difference": "Mean ranks. A bar joins networks that Nemenyi's test does not tell apart.",
        "rank_shares": "How often each network has each rank on resampled patients; a dot's area is the share.",
    },
    "pairs": {"differences": "Paired mean differences to the reference."},
    "protocol": {
        "forensics": "The same predictions under fewer and fewer faults of the released protocol, left to right.",
        "selection": "The same trainings, three rules for choosing the epoch. The oracle looks at the test fold.",
        "leakage": "What ungrouped folds change, for cases with a copy in training and for the others.",
    },
    "cases": {
        "contact_sheet": "Worst, median and best cases by mean Dice over all networks. Outlines only; number: Dice.",
        "dice_distribution": "How Dice is spread over the cases.",
        "strata": "Mean Dice by lesion size and class, with 95% intervals.",
        "roc": "Which network tells malignant from benign.",
        "reliability": "Whether probabilities mean what they say: malignant cases in bins, with 95% intervals.",
        "profiles": "Share of cases that reach each Dice; of a few networks with pointwise 95% bands.",
        "decision_curve": "Net benefit of acting on each network, beside acting on all cases or none.",
        "training_curves": "Training, mean over runs; of a few networks with the range over runs.",
    },
}


def render_page(benchmarks: list[str], root: Path, folder: Path, params: Path = PARAMETERS) -> str:
    """The page's text.

    Args:
        benchmarks: those to show, in order; their tables and figures must have been made.
        root: the repository.
        folder: where the page will lie; links lead from there.
        params: the file of parameters, below the root unless its path is absolute.

    Raises:
        UserError: a benchmark is unknown or has no results, tables or figures.
    """
    parameters = read_parameters(root / params)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = unbroken
    sections = [section(name, parameters, root, folder) for name in benchmarks]
    front = folder.resolve() == (root / FRONT).parent.resolve()
    others, every = other_pages(benchmarks, parameters, root, folder), all_names(parameters)
    for other in others:
        part = pretraining_part(other["name"], parameters, root, every) if front else None
        other["conclusion"] = part and part["conclusion"]
    explorers = {part["name"]: part.pop("explorer") for part in sections}
    return environment.get_template("page.html").render(
        sections=sections,
        others=others,
        front=front,
        ledger=ledger(benchmarks, parameters, root, folder),
        checklists=checklists(root, folder, benchmarks, parameters),
        reference=label_of(parameters.reference, parameters),
        explorers=packed(explorers),
        explored=listed([f"{counted(len(data['cases']), 'case')} of {name}" for name, data in explorers.items()]),
        summary=" ".join(lead_text(lead) for lead in sections[0]["leads"]),
        style=(TEMPLATES / "page.css").read_text(encoding="utf-8"),
        script=(TEMPLATES / "page.js").read_text(encoding="utf-8"),
    )


def unbroken(text: str) -> Markup:
    """A text whose hyphened names and intervals stay on one line each."""
    kept = re.sub(
        r"\[[^\]]*\]|[\w(]*\w-\w[\w-]*", lambda found: f'<span class="unbroken">{found[0]}</span>', escape(text)
    )
    return Markup(kept)


def packed(data: dict) -> str:
    """JSON in half of its letters: gzip, base64.

    By pyarrow's own zlib, whose version is pinned: Python takes the system's, and the bytes differ between systems.
    """
    text = json.dumps(data, separators=(",", ":"))
    return base64.b64encode(pyarrow.Codec("gzip", 9).compress(text.encode(), asbytes=True)).decode()


def write_page(benchmarks: list[str], output: Path, params: Path = PARAMETERS) -> None:
    """Write the page of the repository in the current folder to a file.

    Raises:
        UserError: see `render_page`.
    """
    write_text(render_page(benchmarks, Path(), output.parent, params), output)


def section(name: str, parameters: Parameters, root: Path, folder: Path) -> dict:
    """All that the page says of one benchmark."""
    settings = parameters.benchmark(name)
    results = read_results(name, root, parameters)
    tables, figures = root / "reports" / "tables" / name, root / "reports" / "figures" / name
    if not (tables / "main.csv").is_file():
        raise UserError(f"{tables}: no tables. Make them first: `acsbench tables {name}`.")
    scores, main = read_csv(tables / "scores.csv", ["selection", "estimate"]), read_csv(tables / "main.csv", ["model"])
    differences = read_differences(tables / "differences.csv")
    link, names = partial(relative, folder=folder), names_of(name, results.models, parameters)
    rule = settings.selection.rule
    return {
        "name": name,
        "settings": settings,
        "rule": SELECTION_RULES[rule],
        "oracle": rule == "test_oracle",
        "facts": scores.iloc[0],
        "folds": results.cases["fold"].nunique(),
        "seeds": results.cases["seed"].nunique(),
        "first": names.of(results.models[0]),
        "weights": names.in_text(weights_text(name, results.models, parameters)),
        "generated": OF_GENERATED if settings.dataset == GENERATED else None,
        "leads": leads_part(name, parameters, root, names),
        "budget": budget(results, parameters, names),
        "findings": findings_part(name, results, parameters, root, names),
        "outcomes": outcomes_of_parts(name, results, main, differences, parameters, root, names),
        "epochs": names.in_text(epochs_text(name, results.models, parameters)),
        "pretraining": pretraining_part(name, parameters, root, names),
        "external": external_section(name, parameters, root, link, names),
        "budgets": budgets_part(name, parameters, root, names),
        "learning_curve": learning_curve_part(name, root, link, names),
        "glance": glance(main, differences, results, settings.scoring, rule, names),
        "headings": [METRICS[metric].heading for metric in glance_metrics(main, settings.scoring)],
        "axes": [(METRICS[metric].label, axis_of(main, metric)) for metric in glance_metrics(main, settings.scoring)],
        "against": names.of(counterpart(differences)) if len(differences) else None,
        "main": {title: sortable(table) for title, table in main_text(main, settings.scoring, names).items()},
        "caption": caption(name, scores, rule, budget(results, parameters, names), names),
        "differences": sortable(difference_text(differences, names)),
        "difference_caption": difference_caption(name, rule, differences, names),
        "figures": {
            place: [
                figure_part(figures / f"{f}.svg", text, link)
                for f, text in names.items()
                if (figures / f"{f}.svg").is_file()
            ]
            for place, names in FIGURES.items()
        },
        "evidence": [
            evidence_part(name, tables, link, names) for name in EVIDENCE if (tables / f"{name}.csv").is_file()
        ],
        "forensics": forensics_part(tables, link, names),
        "leakage": leakage_part(tables, link, names),
        "networks": [
            network(row, results, root, link, rule, settings.scoring, names)
            for row in main.set_index("model", drop=False).loc[results.models].to_dict("records")
        ],
        "runs": runs_part(results.records, names),
        "crowded": len(results.models) > NAMED,
        "dataset": title_of(settings.dataset),
        "card": link_if_there(root / "reports" / "cards" / "datasets" / f"{settings.dataset}.md", link),
        "files": {f: link(tables / f) for f in ("scores.csv", "main.csv", "main.md", "main.tex", "differences.csv")},
        "case_files": {m: link(root / "reports" / "cases" / name / f"{m}.csv") for m in results.models},
        "record_files": {m: link(root / "reports" / "records" / name / f"{m}.json") for m in results.records},
        "folds_file": link_if_there(root / "benchmarks" / "folds" / f"{name}.csv", link),
        "explorer": explorer_data(results, root, title_of(settings.dataset), rule, settings.scoring, folder, names),
    }


def external_section(name: str, parameters: Parameters, root: Path, link: Callable, names: Names) -> dict | None:
    """The part on other datasets, with the matrix if it has been drawn."""
    part, matrix = external_part(name, parameters, root, link, names), matrix_file(root)
    if part is None:
        return None
    text = "Every network on every test set; framed: its own dataset, by the networks of the folds tested."
    return part | {"matrix": figure_part(matrix, text, link) if matrix.is_file() else None}
