"""What a benchmark found, in sentences that follow from its tables: who leads, how surely, on what budget.

The lead is judged against the second, by the rule of the ranking's verdicts; those that the leader is not told apart
from are named. A network trained once can be told from another over cases alone, which the sentence on the budget says.
"""

import re
from pathlib import Path

import pandas as pd

from benchmarks.configuration import Benchmark, Parameters
from benchmarks.reporting.budget import budget
from benchmarks.reporting.labels import GENERATED, METRICS, dice_of, is_external, number, p_value_text, with_interval
from benchmarks.reporting.names import Names
from benchmarks.reporting.page.summary import glance_metrics
from benchmarks.reporting.results import Results
from benchmarks.reporting.verdicts import verdict_of
from benchmarks.reporting.wording import counted, listed

PAIRS = {"auc": "pairs_auc"}  # the table of every pair by a metric; `pairs` for the others
MOST_NAMED = 4
CHANCE = 0.5  # the AUC of a coin
OF_GENERATED = "The images are generated: these numbers show that the pipeline works, and nothing of a network."


def findings_part(benchmark: str, results: Results, parameters: Parameters, root: Path, names: Names) -> list[str]:
    """The sentences, the best network's first; none for a benchmark of a single network."""
    tables, settings = root / "reports" / "tables" / benchmark, parameters.benchmark(benchmark)
    main = pd.read_csv(tables / "main.csv")
    leads = [
        lead_text(metric, main, pairs_of(metric, tables))
        for metric in glance_metrics(main, settings.scoring)
        if main[metric].notna().sum() > 1
    ]
    if not leads:
        return []
    runs = tables / "corrected_t.csv"
    over_runs = pd.read_csv(runs) if runs.is_file() else pd.DataFrame()
    spent, doubt = budget(results, parameters, names), doubt_text(results, over_runs, dice_of(settings.scoring))
    sentences = [
        *([OF_GENERATED] if settings.dataset == GENERATED else []),
        *leads,
        *chance_text(main),
        f"{budget_text(spent)} {doubt}",
        not_run_text(benchmark, results, parameters, root),
    ]
    return [names.in_text(sentence) for sentence in sentences]


def chance_text(main: pd.DataFrame) -> list[str]:
    """Names the networks whose AUC is not above that of a coin."""
    if "auc_low" not in main:
        return []
    level = list(main.loc[main["auc_low"] <= CHANCE, "model"])
    return [f"Not above chance: the interval of AUC reaches {CHANCE} for {listed(level)}."] if level else []


def pairs_of(metric: str, tables: Path) -> pd.DataFrame:
    """Every pair of networks by a metric; empty where it was not computed."""
    path = tables / f"{PAIRS.get(metric, 'pairs')}.csv"
    if not path.is_file():
        return pd.DataFrame(columns=["model_a", "model_b"])
    table = pd.read_csv(path)
    return table[table["metric"] == metric] if "metric" in table else table


def lead_text(metric: str, main: pd.DataFrame, pairs: pd.DataFrame) -> str:
    """Who leads in a metric, by how much, and whom that does not hold against."""
    kind = METRICS[metric]
    ranked = main.dropna(subset=metric).sort_values(metric, ascending=not kind.higher_is_better, kind="stable")
    leader, second = ranked.iloc[0], ranked.iloc[1]
    own = with_interval(leader[metric], leader[f"{metric}_low"], leader[f"{metric}_high"], kind.decimals)
    rivals = {model: pair_verdict(leader["model"], model, metric, pairs) for model in ranked["model"].iloc[1:]}
    verdict, difference = rivals[second["model"]]
    if verdict == "better":
        holds = "the lead holds"
    else:
        holds = {"equivalent": "the two are equivalent"}.get(verdict, "the lead is undecided")
    text = (
        f"{kind.label}: {leader['model']} leads with {own}, {second['model']} follows with "
        f"{number(second[metric], kind.decimals)}; {holds}{difference}."
    )
    return text + level_text(leader["model"], {model: found for model, (found, _) in rivals.items()})


def level_text(leader: str, verdicts: dict[str, str]) -> str:
    """Those that the leader is not told apart from, or that it is told apart from all."""
    level = [model for model, verdict in verdicts.items() if verdict != "better"]
    if not level:
        return f" It is better than each of the {len(verdicts)} others." if len(verdicts) > 1 else ""
    if len(level) == len(verdicts):
        return " None of the others is told apart from it." if len(level) > 1 else ""
    shown = listed(level) if len(level) <= MOST_NAMED else f"{len(level)} of the {len(verdicts)} others"
    return f" Not told apart from {leader}: {shown}."


def pair_verdict(leader: str, other: str, metric: str, pairs: pd.DataFrame) -> tuple[str, str]:
    """The verdict on the leader against another network, and the difference with its interval and p, in brackets."""
    found = pairs[pairs["model_a"].isin([leader, other]) & pairs["model_b"].isin([leader, other])]
    if found.empty:
        return "not tested", ""
    pair = found.iloc[0]
    if pair[["p_holm", "p_equivalent"]].isna().any():  # a verdict needs both tests
        return "not tested", ""
    if pair["model_a"] != leader:  # the other way round
        turned = {"difference": -pair["difference"], "low": -pair["high"], "high": -pair["low"]}
        pair = pd.Series(pair.to_dict() | turned)
    difference = with_interval(pair["difference"], pair["low"], pair["high"], METRICS[metric].decimals)
    return verdict_of(pair, METRICS[metric]), f" (difference {difference}, p {p_value_text(pair['p_holm'])})"


def budget_text(spent: str) -> str:
    """What these numbers were trained with, in one sentence."""
    return f"All of this with {spent}: it ranks these trainings, not what the networks could reach with more."


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
        f"{name} ({other.image_size} px, {counted(other.training.epochs, 'epoch')}, "
        f"{counted(len(other.training.seeds), 'seed')})"
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

    def question(b: Benchmark) -> tuple:
        return b.dataset, b.scoring, b.split.rule, b.selection.rule, sorted(b.references)

    def budget(b: Benchmark) -> tuple[int, int]:
        return b.image_size, b.training.epochs

    return question(other) == question(own) and budget(other) > budget(own)
