"""`docs/networks.md`: every network's card and cost, and what others report of such networks.

`acsbench networks` measures the networks of params.yaml that have not been measured, or whose
code or arguments have changed since, keeps each measurement in `reports/networks.csv` as soon as it is made, and writes
the page. `--models NAME` measures a model anew. Numbers of others come from the ledger, `reports/reported/claims.csv`.
"""

import hashlib
import json
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from benchmarks.configuration import Model, Parameters, lookup
from benchmarks.measuring.cost import measure
from benchmarks.measuring.networks_page import card_of, page
from benchmarks.reporting.claims.ledger import read_claims
from benchmarks.reporting.files import write_text
from benchmarks.source_code import code_of
from benchmarks.training.files import write_table

MEASURED = Path("reports/networks.csv")
LEDGER = Path("reports/reported/claims.csv")
PAGE = Path("docs/networks.md")
COLUMNS = ["model", "digest", "heads", "parameters", "multiply_adds", "seconds", "machine"]


def digest(model: Model) -> str:
    """What a measurement depends on: the network's code and arguments."""
    text = json.dumps([code_of(model.network.partition(":")[0]), model.network, model.arguments], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def same_networks(parameters: Parameters) -> dict[str, list[str]]:
    """The models by network: the first that has it, with all that differ from it in training alone."""
    by_digest: dict[str, list[str]] = {}
    for name, model in parameters.models.items():
        by_digest.setdefault(digest(model), []).append(name)
    return {names[0]: names for names in by_digest.values()}


def measured_networks(parameters: Parameters, again: list[str], path: Path = MEASURED) -> pd.DataFrame:
    """The stored measurements of distinct networks, those missing, outdated or asked for `again` made anew.

    Each is stored as soon as it is made.

    Raises:
        UserError: a model of `again` does not exist, a network has no card, or one cannot be built.
    """
    for name in again:
        parameters.model(name)
    for model in parameters.models.values():
        card_of(model.network)  # before hours of measuring
    table = pd.read_csv(path) if path.is_file() else pd.DataFrame(columns=COLUMNS)
    rows = {row["model"]: row for row in table.to_dict("records")}
    networks = same_networks(parameters)
    wanted = {name: digest(parameters.models[name]) for name in networks}
    missing = [
        name
        for name, names in networks.items()
        if set(names) & set(again) or name not in rows or rows[name]["digest"] != wanted[name]
    ]
    recipe = lookup(parameters.recipes, "paper", "recipe")
    with tqdm(missing, unit="network", disable=not missing) as progress:
        for name in progress:
            progress.set_description(name)
            measurement = measure(parameters.models[name], recipe)
            rows[name] = {"model": name, "digest": wanted[name], **measurement}
            write_table(path, pd.DataFrame([rows[n] for n in networks if n in rows], columns=COLUMNS))
    return pd.DataFrame([rows[name] for name in networks], columns=COLUMNS)


def write_networks(parameters: Parameters, again: list[str]) -> int:
    """Measure what is not measured yet, or is asked for again, and write the page; returns the number of networks.

    Raises:
        UserError: see `measured_networks`; or the ledger of reported numbers cannot be read.
    """
    claims = read_claims(LEDGER, parameters)
    measured = measured_networks(parameters, again)
    write_text(page(parameters, measured, same_networks(parameters), claims), PAGE)
    return len(measured)
