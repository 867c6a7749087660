"""The claim ledger: numbers that papers report (`reports/reported/claims.csv`), each judged against ours.

Adding a claim is one line of CSV; it is validated on reading. The page judges it, `docs/networks.md` quotes it. The
columns:

    paper, doi, table_or_page   where the number stands; `not on file` with an empty value where it could not be read
    dataset, protocol           as far as stated, else `not on file`
    model, counterpart          the paper's name, and ours in params.yaml (empty where we have no such network)
    metric, value, unit, spread a metric of `KNOWN_METRICS`; `share`, `percent` or `px`; value and spread as printed
    image_size                  pixels, empty where not stated
    how_obtained                `original`, `quoted` from elsewhere, or `re-run` by the source of another's network
    obstacle                    what keeps it from comparison with any honest protocol; empty where nothing does. A
                                metric or dataset that is `not on file` is one
"""

from pathlib import Path

import pandas as pd

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.reporting.labels import METRICS, with_interval
from benchmarks.reporting.results import check_columns

COLUMNS = [
    *("paper", "doi", "table_or_page", "dataset", "protocol", "model", "counterpart"),
    *("metric", "value", "unit", "spread", "image_size", "how_obtained", "obstacle"),
]
NOT_ON_FILE = "not on file"
OTHER_METRICS = {  # reported, but not computed here
    NOT_ON_FILE: "Metric not on file",
    "dice_benign": "Dice, benign cases",
    "dice_malignant": "Dice, malignant cases",
    "dice_normal": "Dice, normal cases",
    "precision_weighted": "Precision, weighted by class",
    "recall_macro": "Recall, mean of the classes",
    "f1_weighted": "F1, weighted by class",
}
KNOWN_METRICS = {name: metric.label for name, metric in METRICS.items()} | OTHER_METRICS
UNITS = {"share": 1.0, "percent": 0.01, "px": 1.0}
ORIGINS = ("original", "quoted", "re-run")
WIDEST = 0.10  # an interval of a share wider than this decides nothing


def read_claims(path: Path, parameters: Parameters) -> pd.DataFrame:
    """Read and validate the ledger: texts, but `value` and `image_size` as numbers (NaN where empty).

    A further column, `printed`, holds the value as its source prints it.

    Raises:
        UserError: lists every line that breaks a rule.
    """
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    check_columns(table, COLUMNS, path)
    problems = [
        f"line {line}: {problem}"
        for line, (_, claim) in enumerate(table.iterrows(), 2)
        for problem in problems_of(claim, parameters)
    ]
    if problems:
        raise UserError("\n  ".join([f"{path}: {len(problems)} problems.", *problems[:20]]))
    numbers = {name: pd.to_numeric(table[name]) for name in ("value", "image_size")}
    return table.assign(printed=table["value"], **numbers)


def problems_of(claim: pd.Series, parameters: Parameters) -> list[str]:
    """What is wrong with one line, in words; empty if nothing is."""
    found = []
    for column in ("paper", "table_or_page", "dataset", "protocol", "model"):
        if not claim[column].strip():
            found.append(f"{column} is empty")
    if claim["doi"] and not claim["doi"].startswith("10."):
        found.append(f"doi: expected 10.<registrant>/<suffix> or nothing, found {claim['doi']!r}")
    if claim["metric"] not in KNOWN_METRICS:
        found.append(f"metric: expected one of {', '.join(KNOWN_METRICS)}, found {claim['metric']!r}")
    if claim["counterpart"] and claim["counterpart"] not in parameters.models:
        found.append(f"counterpart: no model of params.yaml is called {claim['counterpart']!r}")
    for column, known in (("unit", UNITS), ("how_obtained", ORIGINS)):
        if claim[column] not in known:
            found.append(f"{column}: expected one of {', '.join(known)}, found {claim[column]!r}")
    if (claim["value"] == "") != (claim["table_or_page"] == NOT_ON_FILE):
        found.append(f"a value and a table_or_page {NOT_ON_FILE!r} exclude each other, and one of the two is needed")
    for column in ("metric", "dataset"):
        if claim[column] == NOT_ON_FILE and not claim["obstacle"]:
            found.append(
                f"obstacle: expected '{column} {NOT_ON_FILE}' or the like, since the {column} is; found nothing"
            )
    for column in ("value", "spread", "image_size"):
        if not claim[column]:
            continue
        number = pd.to_numeric(claim[column], errors="coerce")
        if pd.isna(number):
            found.append(f"{column}: expected a number, found {claim[column]!r}")
        elif column == "value" and claim["unit"] == "share" and not 0 <= number <= 1:
            found.append(f"value: expected a share between 0 and 1, found {claim['value']}")
    return found


def nearest_benchmark(claim: pd.Series, scores: dict[str, pd.DataFrame], parameters: Parameters) -> str | None:
    """The benchmark of the claim's dataset with a score for it and the largest budget, grouped folds before others."""

    def has_score(name: str) -> bool:
        table = scores[name]
        return bool(((table["model"] == claim["counterpart"]) & (table["metric"] == claim["metric"])).any())

    def budget(name: str) -> tuple:
        benchmark = parameters.benchmarks[name]
        alike = (benchmark.scoring == "released") == claim["protocol"].startswith("released protocol")
        grouped = benchmark.split.rule == "grouped_stratified"
        return alike, benchmark.image_size, benchmark.training.epochs, grouped, name

    fitting = [n for n in scores if parameters.benchmarks[n].dataset == claim["dataset"] and has_score(n)]
    return max(fitting, key=budget, default=None)


def judge(claims: pd.DataFrame, scores: dict[str, pd.DataFrame], parameters: Parameters) -> pd.DataFrame:
    """The ledger with `benchmark`, `ours`, `estimate`, `low`, `high`, `verdict` and `why`.

    Verdicts on the reported number: `within` our 95% interval, `above` or `below` it; `undecidable` where the interval
    of a share is wider than ten points; `not comparable`, `no counterpart` or `not on file` else.

    Args:
        claims: from `read_claims`.
        scores: benchmark to its `tables/<b>/scores.csv`.
    """
    judged = [verdict_on(claim, scores, parameters) for _, claim in claims.iterrows()]
    columns = ["benchmark", "estimate", "low", "high", "ours", "verdict", "why"]
    return pd.concat([claims.reset_index(drop=True), pd.DataFrame(judged, columns=columns)], axis=1)


def verdict_on(claim: pd.Series, scores: dict[str, pd.DataFrame], parameters: Parameters) -> dict:
    """One claim's own columns of `judge`."""
    benchmark = nearest_benchmark(claim, scores, parameters)
    known = {"benchmark": benchmark or "", "ours": ""}
    if benchmark:
        table = scores[benchmark]
        row = table[
            (table["selection"] == parameters.benchmarks[benchmark].selection.rule)
            & (table["model"] == claim["counterpart"])
            & (table["metric"] == claim["metric"])
        ].iloc[0]
        decimals = METRICS[claim["metric"]].decimals
        known |= {name: row[name] for name in ("estimate", "low", "high")}
        known["ours"] = with_interval(row["estimate"], row["low"], row["high"], decimals)
    verdict, why = reason(claim, known, parameters)
    return known | {"verdict": verdict, "why": why}


def reason(claim: pd.Series, known: dict, parameters: Parameters) -> tuple[str, str]:
    if pd.isna(claim["value"]):
        return NOT_ON_FILE, "whoever has the paper fills in the value"
    if claim["obstacle"]:
        return "not comparable", claim["obstacle"]
    if not claim["counterpart"]:
        return "no counterpart", "the network is not in this repository"
    if not known["benchmark"]:
        return "no counterpart", f"no result here for {claim['counterpart']} on {claim['dataset']}, {claim['metric']}"
    size = parameters.benchmarks[known["benchmark"]].image_size
    if claim["image_size"] > size:
        return "not comparable", f"{size} px here, {claim['image_size']:.0f} px there"
    low, high, value = known["low"], known["high"], claim["value"] * UNITS[claim["unit"]]
    if pd.isna(low) or pd.isna(high):
        return "undecidable", "our interval is not defined"
    if claim["unit"] != "px" and high - low > WIDEST:
        return "undecidable", f"our interval is {high - low:.2f} wide at this sample size"
    if low <= value <= high:
        return "within", "our 95% interval holds the reported value"
    return ("above", "reported above our interval") if value > high else ("below", "reported below our interval")
