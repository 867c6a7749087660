"""What each folded part of a benchmark says, in the few words of its summary; from its stored tables."""

from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.configuration import Parameters
from benchmarks.reporting.failures import failures
from benchmarks.reporting.labels import (
    CLASSIFICATION,
    LEAKAGE,
    METRICS,
    SELECTION_RULES,
    Metric,
    counterpart,
    dice_of,
    number,
    segmentation_metrics,
)
from benchmarks.reporting.names import Names, title_of
from benchmarks.reporting.page.outcomes import outcome
from benchmarks.reporting.page.summary import glance_metrics
from benchmarks.reporting.results import Results, read_csv
from benchmarks.reporting.tables.stored import read_stored
from benchmarks.reporting.tables.transfer import EXTERNAL, LABELS
from benchmarks.reporting.verdicts import verdict_of
from benchmarks.reporting.wording import counted, listed


def outcomes_of_parts(
    name: str,
    results: Results,
    main: pd.DataFrame,
    differences: pd.DataFrame,
    parameters: Parameters,
    root: Path,
    names: Names,
) -> dict[str, str]:
    """What each folded part of a benchmark says in its summary, by the part's name."""
    settings, tables = parameters.benchmark(name), root / "reports" / "tables" / name
    scores = read_csv(tables / "scores.csv", ["selection", "estimate"])
    facts, counts = scores.iloc[0], (results.cases["fold"].nunique(), results.cases["seed"].nunique())
    rule = SELECTION_RULES[settings.selection.rule]
    transfer = root / EXTERNAL / "tables" / name / "transfer.csv"
    found = {
        "facts": facts_outcome(facts, settings.dataset, *counts, rule),
        "drawn": stored_outcome(tables, "critical_difference", "rank_shares"),
        "metrics": metrics_outcome(main, settings.scoring),
        "differences": differences_outcome(differences, main, settings.scoring),
        "external": external_outcome(read_stored(transfer)) if transfer.is_file() else "",
        "protocol": protocol_outcome(tables, scores, dice_of(settings.scoring)),
        "cases": stored_outcome(tables, "case_difficulty", "strata"),
        "statistics": differing_outcome(tables),
        "networks": networks_outcome(main, results),
        "runs": runs_outcome(results.records),
    }
    return {part: names.in_text(text) for part, text in found.items()}


def stored_outcome(tables: Path, *names: str) -> str:
    """The outcome of the first of these tables that has one; empty where none has."""
    for name in names:
        path = tables / f"{name}.csv"
        if path.is_file() and (text := outcome(name, pd.read_csv(path))):
            return text
    return ""


def metrics_outcome(main: pd.DataFrame, scoring: str) -> str:
    """Who is best by most metrics of either task."""
    texts = []
    for title, metrics in (("outlines", segmentation_metrics(scoring)), ("class", CLASSIFICATION)):
        known = {name: kind for name, kind in metrics.items() if name in main and main[name].notna().any()}
        leaders = [leader_by(main, name, kind) for name, kind in known.items()]
        if leaders:
            counts = pd.Series(leaders).value_counts()
            most = [str(model) for model in counts.index[counts == counts.max()]]
            texts.append(f"{title}: {listed(most)} best by {counts.max()} of {len(leaders)} metrics")
    return "; ".join(texts)


def leader_by(main: pd.DataFrame, metric: str, kind: Metric) -> str:
    values = main.set_index("model")[metric]
    return str(values.idxmax() if kind.higher_is_better else values.idxmin())


def differences_outcome(differences: pd.DataFrame, main: pd.DataFrame, scoring: str) -> str:
    """How many are better and worse than the reference in either task."""
    texts = []
    for metric in glance_metrics(main, scoring):
        tested = differences[differences["metric"] == metric].dropna(subset=["p_holm", "p_equivalent"])
        if len(tested):
            verdicts = [verdict_of(row, METRICS[metric]) for _, row in tested.iterrows()]
            better, worse = verdicts.count("better"), verdicts.count("worse")
            against, label = counterpart(tested), METRICS[metric].label
            texts.append(f"{label}: of {len(tested)}, {better} better and {worse} worse than {against}")
    return "; ".join(texts)


def external_outcome(transfer: pd.DataFrame) -> str:
    """In how many networks Dice and AUC fall, dataset by dataset."""
    texts = []
    for dataset, rows in transfer.groupby("dataset", sort=False):
        falls = []
        for metric in ("dice", "auc"):
            changes = rows.loc[rows["metric"] == metric, "change"].dropna()
            if len(changes):
                falls.append(f"{LABELS[metric].label} lower in {int((changes < 0).sum())} of {len(changes)} networks")
        texts.append(f"on {title_of(str(dataset))}, {listed(falls)}")
    return "; ".join(texts)


def protocol_outcome(tables: Path, scores: pd.DataFrame, dice: str) -> str:
    """What the released protocol and the leak are worth in Dice; what the choice of the epoch is, without a walk."""
    texts = []
    if (path := tables / "forensics.csv").is_file():
        walk = pd.read_csv(path).query("metric == 'dice' and step != 'whole'")
        means = walk.groupby("step", sort=False)["mean"].mean()
        if len(means) > 1:
            released, standard = number(means.iloc[0], 3), number(means.iloc[-1], 3)
            texts.append(f"Dice, mean of all: {released} by the released protocol, {standard} by the standard one")
    if (path := tables / "leakage.csv").is_file():
        table = pd.read_csv(path)
        leak = table[(table["metric"] == "dice") & (table["subset"] == LEAKAGE[-1])]
        shown = int((leak["low"] > 0).sum())
        texts.append(f"a leak raises Dice beyond its interval in {shown} of {counted(len(leak), 'network')}")
    return "; ".join(texts) or selection_outcome(scores, dice)


def selection_outcome(scores: pd.DataFrame, dice: str) -> str:
    """What choosing the epoch on the test fold adds."""
    table = scores[scores["metric"] == dice].pivot_table(index="model", columns="selection", values="estimate")
    if not {"inner_validation", "test_oracle"} <= set(table):
        return ""
    gain = (table["test_oracle"] - table["inner_validation"]).dropna()
    return f"{METRICS[dice].label}: choosing the epoch on the test fold adds {number(gain.mean(), 3)} on the mean"


def differing_outcome(tables: Path) -> str:
    """Whether the networks differ at all, and how firm the first place is."""
    differ, firm = stored_outcome(tables, "friedman"), stored_outcome(tables, "rank_stability")
    return "; ".join(text for text in (differ and f"do they differ: {differ}", firm) if text)


def network_outcome(main_row: dict[str, Any], own: pd.DataFrame, scoring: str) -> str:
    """A network's Dice and AUC, and how often it finds nothing.

    Args:
        main_row: its row of the main table.
        own: its case scores under the benchmark's rule.
    """
    texts = []
    for metric in (dice_of(scoring), "auc"):
        if not pd.isna(main_row.get(metric, float("nan"))):
            texts.append(f"{METRICS[metric].label} {number(main_row[metric], METRICS[metric].decimals)}")
    counts = dict(failures(own, dice_of(scoring)))
    if "Empty predictions" in counts:
        texts.append(f"finds nothing in {counts['Empty predictions']}")
    return ", ".join(texts)


def networks_outcome(main: pd.DataFrame, results: Results) -> str:
    """How many networks, and how large they are."""
    sizes = [results.records[model]["parameters"] / 1e6 for model in main["model"] if model in results.records]
    text = counted(len(main), "network")
    if not sizes:
        return text
    low, high = number(min(sizes), 1), number(max(sizes), 1)
    return f"{text} of {low} million parameters" if low == high else f"{text}, from {low} to {high} million parameters"


def runs_outcome(records: dict[str, dict]) -> str:
    """How many runs, how long, on what."""
    runs = [run for record in records.values() for run in record["runs"]]
    if not runs:
        return "no records are stored"
    hours = sum(run["seconds_per_epoch"] * run["epochs"] for run in runs) / 3600
    devices = listed(sorted({run["device"] for run in runs}))
    return f"{counted(len(runs), 'run')}, {number(hours, 1)} h in all on {devices}"


def facts_outcome(facts: pd.Series, dataset: str, folds: int, seeds: int, rule: str) -> str:
    """On what, in how many parts, and how the epoch was chosen."""
    return (
        f"{facts['cases']} cases of {title_of(dataset)} in {facts['groups']} groups, {counted(folds, 'fold')}, "
        f"{counted(seeds, 'seed')}, {rule}"
    )
