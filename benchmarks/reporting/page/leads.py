"""Who leads a benchmark, by how much and how surely: in either task, from its tables.

The lead is judged against the second, by the rule of the ranking's verdicts; those that the leader is not told apart
from are named.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from benchmarks.configuration import Parameters
from benchmarks.reporting.labels import METRICS, number, p_value_text, with_interval
from benchmarks.reporting.names import Names
from benchmarks.reporting.page.summary import glance_metrics
from benchmarks.reporting.verdicts import verdict_of
from benchmarks.reporting.wording import listed

PAIRS = {"auc": "pairs_auc"}  # the table of every pair by a metric; `pairs` for the others
MOST_NAMED = 4
TASKS = {"AUC": "Benign or malignant"}  # of a metric's label; the outlines for the others


@dataclass(frozen=True)
class Lead:
    """Who leads in a metric, in words: the network, its number, the next one, by how much, how surely."""

    metric: str  # its label
    leader: str
    number: str  # with its interval
    second: str
    second_number: str
    verdict: str
    difference: str  # with its interval; empty where it was not tested
    p_value: str  # as the difference
    level: str  # those that it is not told apart from

    @property
    def task(self) -> str:
        return TASKS.get(self.metric, "Outlines")

    @property
    def holds(self) -> str:
        if self.verdict == "better":
            return "the lead holds"
        return "the two are equivalent" if self.verdict == "equivalent" else "the lead is undecided"


def leads_part(benchmark: str, parameters: Parameters, root: Path, names: Names) -> list[Lead]:
    """The lead in either task; none for a benchmark of a single network."""
    tables, settings = root / "reports" / "tables" / benchmark, parameters.benchmark(benchmark)
    main = pd.read_csv(tables / "main.csv")
    found = [
        lead_of(metric, main, pairs_of(metric, tables))
        for metric in glance_metrics(main, settings.scoring)
        if main[metric].notna().sum() > 1
    ]
    return [replace(lead, **{key: names.in_text(text) for key, text in vars(lead).items()}) for lead in found]


def pairs_of(metric: str, tables: Path) -> pd.DataFrame:
    """Every pair of networks by a metric; empty where it was not computed."""
    path = tables / f"{PAIRS.get(metric, 'pairs')}.csv"
    if not path.is_file():
        return pd.DataFrame(columns=["model_a", "model_b"])
    table = pd.read_csv(path)
    return table[table["metric"] == metric] if "metric" in table else table


def lead_of(metric: str, main: pd.DataFrame, pairs: pd.DataFrame) -> Lead:
    """The lead in a metric of which two networks have a number."""
    kind = METRICS[metric]
    ranked = main.dropna(subset=metric).sort_values(metric, ascending=not kind.higher_is_better, kind="stable")
    leader, second = ranked.iloc[0], ranked.iloc[1]
    own = with_interval(leader[metric], leader[f"{metric}_low"], leader[f"{metric}_high"], kind.decimals)
    rivals = {model: pair_verdict(leader["model"], model, metric, pairs) for model in ranked["model"].iloc[1:]}
    verdict, difference, p_value = rivals[second["model"]]
    return Lead(
        kind.label,
        leader["model"],
        own,
        second["model"],
        number(second[metric], kind.decimals),
        verdict,
        difference,
        p_value,
        level_text(leader["model"], {model: found for model, (found, *_) in rivals.items()}).strip(),
    )


def lead_text(lead: Lead) -> str:
    """A lead in sentences."""
    difference = f" (difference {lead.difference}, p {lead.p_value})" if lead.difference else ""
    text = (
        f"{lead.metric}: {lead.leader} leads with {lead.number}, {lead.second} follows with {lead.second_number}; "
        f"{lead.holds}{difference}."
    )
    return f"{text} {lead.level}".strip()


def level_text(leader: str, verdicts: dict[str, str]) -> str:
    """Those that the leader is not told apart from, or that it is told apart from all, or all but the second.

    `verdicts` are in the order of the ranking, the second first.
    """
    level = [model for model, verdict in verdicts.items() if verdict != "better"]
    if not level:
        return f" It is better than each of the {len(verdicts)} others." if len(verdicts) > 1 else ""
    if len(level) == len(verdicts):
        return " None of the others is told apart from it." if len(level) > 1 else ""
    if level == [next(iter(verdicts))]:
        others = [model for model in verdicts if model not in level]
        return (
            f" The leader is better than {listed(others) if len(others) < 3 else f'each of the {len(others)} others'}."
        )
    shown = listed(level) if len(level) <= MOST_NAMED else f"{len(level)} of the {len(verdicts)} others"
    return f" Not told apart from {leader}: {shown}."


def pair_verdict(leader: str, other: str, metric: str, pairs: pd.DataFrame) -> tuple[str, str, str]:
    """The verdict on the leader against another network, and the difference with its interval and p, as texts."""
    found = pairs[pairs["model_a"].isin([leader, other]) & pairs["model_b"].isin([leader, other])]
    if found.empty:
        return "not tested", "", ""
    pair = found.iloc[0]
    if pair[["p_holm", "p_equivalent"]].isna().any():  # a verdict needs both tests
        return "not tested", "", ""
    if pair["model_a"] != leader:  # the other way round
        turned = {"difference": -pair["difference"], "low": -pair["high"], "high": -pair["low"]}
        pair = pd.Series(pair.to_dict() | turned)
    difference = with_interval(pair["difference"], pair["low"], pair["high"], METRICS[metric].decimals)
    return verdict_of(pair, METRICS[metric]), difference, p_value_text(pair["p_holm"])
