"""A card for every dataset and every model: `python -m benchmarks.reporting.cards [folder]`, else `reports/cards`.

Dataset cards follow the headings of Gebru et al. 2021 (Datasheets for datasets), model cards those of Mitchell et al.
2019 (Model cards for model reporting). They hold what is on file and nothing else: the readers of the datasets and
their manifests, `params.yaml`, `docs/networks.md`, `reports/networks.csv` and the stored results. What nobody wrote
down is "not on file". Results on generated images are left out: they say nothing of a network, and are not in git.
"""

import argparse
import inspect
import sys
from collections import Counter
from pathlib import Path, PurePosixPath

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.configuration import Parameters, read_parameters
from benchmarks.datasets import DATASETS, Dataset
from benchmarks.datasets.dataset import CLASSES
from benchmarks.datasets.manifest import FOLDER, read_manifest
from benchmarks.errors import UserError, entry_point
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
from benchmarks.reporting.page.networks import run_facts
from benchmarks.reporting.results import Results, read_csv, read_results
from benchmarks.reporting.tables.scores import markdown, write_text
from benchmarks.reporting.weights import same_network

CARDS = Path("reports/cards")
TEMPLATES = Path(__file__).parent / "templates"
CALIBRATION = ("brier", "calibration_error")
RUN_FACTS = (
    *("Runs", "Encoder weights", "Device", "Deformable convolution", "Hours in all", "Peak memory (GiB)"),
    *("Versions", "Commit"),
)
GENERATED = "phantom"


def all_cards(root: Path) -> dict[str, str]:
    """Every card's text by its path below the folder of cards: `datasets/<d>.md`, `models/<m>.md` and `README.md`.

    Raises:
        UserError: a file that the cards are made from is missing or damaged.
    """
    parameters = read_parameters(root / "params.yaml")
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["markdown"] = markdown
    datasets = {name: dataset for name, dataset in DATASETS.items() if dataset.sources or dataset.obtain}
    results = {
        name: read_results(name, root, parameters.reference) for name in benchmarks_with_tables(parameters, root)
    }
    networks = network_rows(root)
    submitted = {model for stored in results.values() for model in stored.models if is_external(model)}
    models = [*parameters.models, *sorted(submitted)]
    evidence = {
        model: [part for name in results if (part := result_part(model, results[name], parameters, root))]
        for model in models
    }
    cards = {
        f"datasets/{name}.md": environment.get_template("dataset.md").render(dataset_facts(dataset, parameters, root))
        for name, dataset in datasets.items()
    }
    for model in models:
        facts = model_facts(model, parameters, networks) | {"parts": evidence[model]}
        cards[f"models/{model}.md"] = environment.get_template("model.md").render(facts)
    cards["README.md"] = environment.get_template("index.md").render(
        datasets=datasets.values(), models={model: [part["name"] for part in evidence[model]] for model in models}
    )
    return {path: text.rstrip() + "\n" for path, text in sorted(cards.items())}


def benchmarks_with_tables(parameters: Parameters, root: Path) -> list[str]:
    """The benchmarks of the studies that have tables, those on generated images left out, in order of mention."""
    named = [name for study in parameters.studies.values() for name in study.benchmarks]
    return [
        name
        for name in dict.fromkeys(named)
        if parameters.benchmark(name).dataset != GENERATED
        and (root / "reports" / "tables" / name / "scores.csv").is_file()
    ]


def dataset_facts(dataset: Dataset, parameters: Parameters, root: Path) -> dict:
    """What is on file about a dataset, as the template takes it."""
    reader = sys.modules[dataset.read.__module__]
    summary, _, remarks = inspect.getdoc(reader).partition("\n")
    manifest = list(read_manifest(dataset.manifest).values()) if dataset.manifest else []
    images = Counter(PurePosixPath(entry.path).parent.name for entry in manifest if entry.kind == "image")
    table = pd.DataFrame({"class": [*CLASSES, "all"], "published": with_total(dataset.counts)})
    if images and set(images) <= set(CLASSES):
        table["counted in the manifest"] = with_total(images)
    return {
        "dataset": dataset,
        "generated": dataset.name == GENERATED,
        "summary": summary,
        "remarks": remarks.strip(),
        "file": f"{reader.__name__.replace('.', '/')}.py",
        "classes": table,
        "masks": sum(entry.kind == "mask" for entry in manifest),
        "clusters": cluster_facts(FOLDER / f"{dataset.name}_groups.csv"),
        "folds": fold_table(dataset.name, parameters, root),
    }


def with_total(counts: dict[str, int]) -> list[int]:
    """Cases of each class, then all."""
    return [*(counts[name] for name in CLASSES), sum(counts.values())]


def cluster_facts(path: Path) -> dict | None:
    """Counted in a dataset's list of clusters: how many repeat an image, and each remark; `None` without a list."""
    if not path.is_file():
        return None
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    sizes = table.groupby("letter_group").size()
    flags = Counter(flag for flags in table["flags"] for flag in flags.split(";") if flag)
    return {
        "repeated": int((sizes > 1).sum()),
        "images": int(sizes[sizes > 1].sum()),
        "redundant": int((sizes - 1).sum()),
        "published": len(sizes),
        "used": table["group"].nunique(),
        "flags": pd.DataFrame(sorted(flags.items()), columns=["remark", "images"]),
    }


def fold_table(dataset: str, parameters: Parameters, root: Path) -> pd.DataFrame:
    """The published folds of a dataset's benchmarks: cases of each class, groups and rule of division, counted."""
    rows = []
    for name, settings in parameters.benchmarks.items():
        path = root / "benchmarks" / "folds" / f"{name}.csv"
        if settings.dataset != dataset or dataset == GENERATED or not path.is_file():
            continue
        folds = read_csv(path, ["case", "class", "group", "fold"])
        counts = folds["class"].value_counts()
        rows.append(
            {
                "benchmark": name,
                "rule": f"{settings.split.rule}, {folds['fold'].nunique()} folds",
                **{class_name: counts.get(class_name, 0) for class_name in CLASSES},
                "groups": folds["group"].nunique(),
                "file": f"[{name}.csv](../../../benchmarks/folds/{name}.csv)",
            }
        )
    return pd.DataFrame(rows)


def network_rows(root: Path) -> pd.DataFrame:
    """A row per measured network, indexed by model: its card from `docs/networks.md`, its cost from `networks.csv`.

    The page is read, not the networks' files: those would need torch, and nothing else here does.

    Raises:
        UserError: the page or the measurements are missing, or the page has no table of networks.
    """
    page, measured = root / "docs" / "networks.md", root / "reports" / "networks.csv"
    again = "Run `python -m benchmarks.measuring.networks`."
    for path in (page, measured):
        if not path.is_file():
            raise UserError(f"{path}: not found; the model cards need it. {again}")
    lines = page.read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("| model | arguments |")]
    if not starts:
        raise UserError(f"{page}: expected a table that begins with the columns model and arguments. {again}")
    rows = []
    for line in lines[starts[0] :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.removeprefix("| ").removesuffix(" |").split(" | ")])
    heading, _, *body = rows
    cards = pd.DataFrame(body, columns=heading)
    cards["model"] = cards["model"].str.strip("`")
    costs = read_csv(measured, ["model", "parameters", "multiply_adds", "seconds", "machine"])
    return cards.merge(costs.drop(columns="heads"), on="model", how="left").set_index("model")


def model_facts(name: str, parameters: Parameters, networks: pd.DataFrame) -> dict:
    """What is on file about a model's network and training; a submission's network is not on file."""
    if is_external(name):
        return {"name": name, "model": None, "network": None, "studies": []}
    model = parameters.models[name]
    twins = [other for other, entry in parameters.models.items() if same_network(entry, model)]
    measured = next((other for other in twins if other in networks.index), None)
    network = None
    if measured:
        row = networks.loc[measured]
        cost = row[["parameters", "multiply_adds", "seconds"]].notna().all()
        network = row.to_dict() | {
            "file": row["file"].replace("](../", "](../../../"),
            "measured": cost,
        }
    return {
        "name": name,
        "model": model,
        "network": network,
        "twins": [other for other in twins if other != name],
        "studies": [study for study, entry in parameters.studies.items() if name in entry.models],
    }


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
    for row in scores.dropna(subset="estimate").itertuples():
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
        for row in table[table["model"] == model].itertuples()
        if row.metric in METRICS
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def recipe_text(benchmark: str, model: str, parameters: Parameters) -> str:
    """Optimiser, schedule, augmentation, balancing and budget of a cell, in one line."""
    recipe, budget = parameters.recipe_of(benchmark, model), parameters.training_of(benchmark, model)

    def piece(entry: dict) -> str:
        options = ", ".join(f"{key} {value}" for key, value in entry.items() if key != "name")
        return f"{entry['name']} ({options})" if options else entry["name"]

    augmentation = ", ".join(piece(entry) for entry in recipe.augmentation) or "none"
    losses = ", ".join(f"{name} for {task}" for task, name in recipe.losses.items())
    return (
        f"{piece(recipe.optimiser)}; schedule {piece(recipe.schedule)}; augmentation {augmentation}; losses {losses}, "
        f"unless the network has its own; balanced by {piece(recipe.balancing)}; {budget.epochs} epochs in batches of "
        f"{budget.batch_size}"
    )


def write_cards(root: Path, folder: Path) -> int:
    """Write every card below a folder and remove those of datasets and models that are gone; how many were written."""
    cards = all_cards(root)
    for path, text in cards.items():
        write_text(text, folder / path)
    for path in folder.rglob("*.md"):
        if path.relative_to(folder).as_posix() not in cards:
            path.unlink()
    return len(cards)


@entry_point
def main() -> None:
    parser = argparse.ArgumentParser(description="Write a card for every dataset and every model.")
    parser.add_argument("folder", nargs="?", type=Path, default=CARDS)
    arguments = parser.parse_args()
    print(f"{arguments.folder}: {write_cards(Path(), arguments.folder)} cards.")
