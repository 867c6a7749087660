"""The effect of ImageNet weights on each network of a benchmark, and what the effects say of one another.

The rules, for each metric of the page's ranking, where at least two networks are compared:

- The effect's sign depends on the network if it is better for one and worse for another (`summary.verdict_on`).
- Its size does if two intervals do not overlap. That one difference holds and another does not shows nothing.
- A ranking from random weights is in doubt where sign or size depend on the network, where the order of the means
  changes, or where an effect that holds exceeds the largest difference between the networks from random weights.
"""

from dataclasses import dataclass

import pandas as pd

from benchmarks.reporting.page.summary import verdict_on


@dataclass(frozen=True)
class Effect:
    """What ImageNet weights change for one network in one metric."""

    network: str  # the model from random weights
    random: float  # the means
    pretrained: float
    difference: float
    low: float
    high: float
    p_holm: float
    verdict: str


def effects_on(metric: str, pairs: dict[str, str], main: pd.DataFrame, differences: pd.DataFrame) -> list[Effect]:
    """The effect on each network that has the metric."""
    means = main.set_index("model")[metric]
    rows = differences[differences["metric"] == metric].dropna(subset=["difference", "low", "high"])
    rows = rows.set_index(["model_a", "model_b"])
    found = []
    for pretrained, random in pairs.items():
        if (pretrained, random) in rows.index:
            row = rows.loc[(pretrained, random)]
            numbers = (float(row[name]) for name in ("difference", "low", "high", "p_holm"))
            verdict = verdict_on(pretrained, differences, metric)["verdict"]
            found.append(Effect(random, float(means[random]), float(means[pretrained]), *numbers, verdict))
    return found


def dependence(effects: list[Effect]) -> str | None:
    """Whether the effect depends on the network: in `sign`, in `size`, or `None` where neither shows."""
    if {"better", "worse"} <= {effect.verdict for effect in effects}:
        return "sign"
    return "size" if max(e.low for e in effects) > min(e.high for e in effects) else None


def orders(effects: list[Effect]) -> tuple[list[str], list[str]]:
    """The networks by their means, largest first: from random and from ImageNet weights."""
    random = sorted(effects, key=lambda effect: effect.random, reverse=True)
    pretrained = sorted(effects, key=lambda effect: effect.pretrained, reverse=True)
    return [effect.network for effect in random], [effect.network for effect in pretrained]


def largest(effects: list[Effect]) -> Effect | None:
    """The largest effect that holds."""
    holding = [effect for effect in effects if effect.verdict in ("better", "worse")]
    return max(holding, key=lambda effect: abs(effect.difference), default=None)


def spread(effects: list[Effect]) -> float:
    """The largest difference between networks from random weights."""
    means = [effect.random for effect in effects]
    return max(means) - min(means)


def in_doubt(effects: list[Effect]) -> bool:
    """Whether a ranking from random weights need not hold from ImageNet's, by the rules above."""
    before, after = orders(effects)
    top = largest(effects)
    return bool(dependence(effects)) or before != after or (top is not None and abs(top.difference) > spread(effects))
