"""What is on file about a model's network and training: `docs/networks.md`, `reports/networks.csv`, `params.yaml`.

The page is read, not the networks' files: those would need torch, and nothing else here does.
"""

from pathlib import Path

import pandas as pd

from benchmarks.configuration import Parameters, Recipe
from benchmarks.errors import UserError
from benchmarks.reporting.labels import is_external
from benchmarks.reporting.results import read_csv
from benchmarks.reporting.weights import same_network


def network_rows(root: Path) -> pd.DataFrame:
    """A row per measured network, indexed by model: its card from `docs/networks.md`, its cost from `networks.csv`.

    Raises:
        UserError: the page or the measurements are missing, or the page has no table of networks.
    """
    page, measured = root / "docs" / "networks.md", root / "reports" / "networks.csv"
    again = "Run `acsbench networks`."
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
        f"{budget.batch_size}{endings(recipe)}"
    )


def endings(recipe: Recipe) -> str:
    """How a recipe departs from training to the end of its budget; empty if it does not."""
    returned = "" if recipe.best_weights_at is None else f", back to its best weights at {recipe.best_weights_at:.0%}"
    stopped = "" if recipe.patience is None else f", stopped after {recipe.patience} epochs without gain"
    return returned + stopped
