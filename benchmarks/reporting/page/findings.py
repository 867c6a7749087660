"""What is to be known of a benchmark beside who leads, in sentences that follow from its tables.

A network trained once can be told from another over cases alone, which one of the sentences says.
"""

import math
import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from benchmarks.configuration import Benchmark, Parameters
from benchmarks.reporting.labels import METRICS, dice_of, is_external, number, with_interval
from benchmarks.reporting.names import Names, title_of
from benchmarks.reporting.page.budgets import in_brief, question
from benchmarks.reporting.page.summary import glance_metrics
from benchmarks.reporting.page.trained_there import estimate_of, trained_there
from benchmarks.reporting.results import Results, rows_of
from benchmarks.reporting.tables.stored import read_stored
from benchmarks.reporting.tables.transfer import EXTERNAL, LABELS
from benchmarks.reporting.wording import listed

CHANCE = 0.5  # the AUC of a coin
OF_GENERATED = "The images are generated: these numbers show that the pipeline works, and nothing of a network."


def findings_part(benchmark: str, results: Results, parameters: Parameters, root: Path, names: Names) -> list[str]:
    """What is to be known beside the leads, in sentences; none for a benchmark of a single network."""
    tables, settings = root / "reports" / "tables" / benchmark, parameters.benchmark(benchmark)
    main = pd.read_csv(tables / "main.csv")
    if not any(main[metric].notna().sum() > 1 for metric in glance_metrics(main, settings.scoring)):
        return []
    runs = tables / "corrected_t.csv"
    over_runs = pd.read_csv(runs) if runs.is_file() else pd.DataFrame()
    transfer = root / EXTERNAL / "tables" / benchmark / "transfer.csv"
    sentences = [
        *(elsewhere_part(benchmark, main, read_stored(transfer), parameters, root) if transfer.is_file() else []),
        *chance_text(main),
        doubt_text(results, over_runs, dice_of(settings.scoring)),
        not_run_text(benchmark, results, parameters, root),
    ]
    return [names.in_text(sentence) for sentence in sentences]


def chance_text(main: pd.DataFrame) -> list[str]:
    """Names the networks whose AUC is not above that of a coin."""
    if "auc_low" not in main:
        return []
    level = list(main.loc[main["auc_low"] <= CHANCE, "model"])
    return [f"Not above chance: the interval of AUC reaches {CHANCE} for {listed(level)}."] if level else []


def elsewhere_part(
    benchmark: str, main: pd.DataFrame, transfer: pd.DataFrame, parameters: Parameters, root: Path
) -> list[str]:
    """`elsewhere_text`, with what is known of networks that are trained there."""
    there = trained_there(benchmark, list(transfer["dataset"].unique()), parameters, root)
    return elsewhere_text(main, transfer, {dataset: table for dataset, (_, table) in there.items()})


def elsewhere_text(main: pd.DataFrame, transfer: pd.DataFrame, there: Mapping[str, pd.DataFrame]) -> list[str]:
    """What other datasets leave of the network that leads in Dice and of that in AUC; a sentence for each dataset.

    Args:
        main: estimates and intervals, a row per model.
        transfer: the same on other datasets, a row per dataset, model and metric.
        there: by dataset, the main table of networks that are trained on it, by model.
    """
    said: dict[str, dict[str, list[str]]] = {}
    for metric in ("dice", "auc"):
        if metric not in main or main[metric].isna().all():
            continue
        leader, label = main.loc[main[metric].idxmax(), "model"], LABELS[metric].label
        decimals = LABELS[metric].decimals
        for row in rows_of(transfer[(transfer["model"] == leader) & (transfer["metric"] == metric)]):
            change = with_interval(row.change, row.change_low, row.change_high, decimals)
            told = [] if pd.isna(row.change) else [f"change {change}"]
            value = estimate_of(leader, metric, there[row.dataset])[0] if row.dataset in there else math.nan
            told += [] if math.isnan(value) else [f"trained there: {number(value, decimals)}"]
            changed = f" ({'; '.join(told)})" if told else ""
            texts = said.setdefault(title_of(row.dataset), {}).setdefault(leader, [])
            texts.append(f"{label} {number(row.external, decimals)}{changed}")
    return [
        f"Tested on {dataset}: {'; '.join(f'{leader}, {listed(texts)}' for leader, texts in leaders.items())}."
        for dataset, leaders in said.items()
    ]


def doubt_text(results: Results, over_runs: pd.DataFrame, metric: str) -> str:
    """Of what the verdicts are: of cases, for networks trained once, and how many hold over trainings."""
    text = "The verdicts are over cases"
    if len(set(results.cases["seed"])) == 1:
        text += ", for networks trained once on each fold"
    tested = over_runs.dropna(subset="p_holm") if len(over_runs) else over_runs
    tested = tested[tested["metric"] == metric] if len(tested) else tested
    if tested.empty:
        return f"{text}."
    holding, against = int((tested["p_holm"] < 0.05).sum()), tested["model_b"].unique()
    to = against[0] if len(against) == 1 else "its reference"
    label = METRICS[metric].label
    return f"{text}; over trainings, {holding} of {len(tested)} differences in {label} to {to} hold (corrected t-test)."


def not_run_text(benchmark: str, results: Results, parameters: Parameters, root: Path) -> str:
    """Larger benchmarks of the same dataset that have no results, and folds that are left."""
    own = parameters.benchmark(benchmark)
    waiting = [
        in_brief(name, parameters)
        for name, other in parameters.benchmarks.items()
        if asks_the_same(name, benchmark)
        and is_larger(other, own)
        and not any((root / "reports" / "cases" / name).glob("*.csv"))
    ]
    left = sorted(set(range(own.split.folds)) - set(results.cases["fold"]))
    folds = [f"{'folds' if len(left) > 1 else 'fold'} {listed([str(fold) for fold in left])}"] if left else []
    external = [model for model in results.models if is_external(model)]
    seen = f" Trained elsewhere, at a budget of their own: {listed(external)}." if external else ""
    return (f"Not run: {listed([*folds, *waiting])}." if folds or waiting else "Nothing larger is declared.") + seen


def asks_the_same(name: str, other: str) -> bool:
    """Whether two benchmarks' names differ in their size alone: busi-small, busi-medium, busi."""
    first, second = (re.sub(r"-(small|medium)(?=-|$)", "", each) for each in (name, other))
    return first == second


def is_larger(other: Benchmark, own: Benchmark) -> bool:
    """Whether a benchmark asks the same with a larger budget."""

    def budget(b: Benchmark) -> tuple[int, int]:
        return b.image_size, b.training.epochs

    asks_alike = question(other) == question(own) and sorted(other.references) == sorted(own.references)
    return asks_alike and budget(other) > budget(own)
