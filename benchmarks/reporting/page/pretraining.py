"""What ImageNet weights are worth on a benchmark, in sentences that follow from its tables.

When a sentence says what is ruled in `pretraining_effects`.
"""

from pathlib import Path

import pandas as pd

from benchmarks.configuration import Benchmark, Parameters
from benchmarks.reporting.labels import METRICS, dice_of, number, p_value_text, with_interval
from benchmarks.reporting.names import Names
from benchmarks.reporting.page.pretraining_effects import (
    Effect,
    dependence,
    effects_on,
    in_doubt,
    largest,
    orders,
    spread,
)
from benchmarks.reporting.page.summary import glance_metrics
from benchmarks.reporting.weights import weight_pairs
from benchmarks.reporting.wording import counted, listed

VERDICTS = ("better", "worse", "equivalent", "undecided", "not tested")


def pretraining_part(benchmark: str, parameters: Parameters, root: Path, names: Names) -> dict | None:
    """A sentence per network and the conclusion; `None` where no network starts from either weights."""
    pairs = weight_pairs(benchmark, parameters)
    if not pairs:
        return None
    tables, settings = root / "reports" / "tables" / benchmark, parameters.benchmark(benchmark)
    main, differences = pd.read_csv(tables / "main.csv"), pd.read_csv(tables / "differences.csv")
    effects = {
        metric: found
        for metric in glance_metrics(main, settings.scoring)
        if (found := effects_on(metric, pairs, main, differences))
    }
    if not effects:
        return None
    stored = tables / "corrected_t.csv"
    runs = pd.read_csv(stored) if stored.is_file() else None
    return {
        "networks": [
            (
                names.of(random),
                names.in_text(network_text(random, effects) + degenerate_text(main, [random, pretrained])),
            )
            for pretrained, random in pairs.items()
            if any(effect.network == random for found in effects.values() for effect in found)
        ],
        "conclusion": names.in_text(conclusion(effects, settings, runs_text(runs, pairs, dice_of(settings.scoring)))),
    }


def network_text(network: str, effects: dict[str, list[Effect]]) -> str:
    """One network's differences with interval, p and verdict."""
    parts = []
    for metric, found in effects.items():
        for effect in (e for e in found if e.network == network):
            difference = with_interval(effect.difference, effect.low, effect.high, METRICS[metric].decimals)
            parts.append(f"{METRICS[metric].label} {difference}, p {p_value_text(effect.p_holm)}: {effect.verdict}")
    return f"{'; '.join(parts)}."


def degenerate_text(main: pd.DataFrame, models: list[str]) -> str:
    """Says which of the models call every case the same class; empty where none does."""
    rows = main.set_index("model").reindex(columns=["sensitivity", "specificity"])
    text = ""
    for class_name, rates in {"benign": (0, 1), "malignant": (1, 0)}.items():
        if named := [model for model in models if tuple(rows.loc[model]) == rates]:
            text += (
                f" Above a probability of 0.5, {listed(named)} call{'s' if len(named) == 1 else ''} every case "
                f"{class_name}: sensitivity {rates[0]}, accuracy the share of that class. AUC does not depend on that "
                "threshold."
            )
    return text


def runs_text(runs: pd.DataFrame | None, pairs: dict[str, str], metric: str) -> str:
    """Whether the differences hold over trainings, not cases (`corrected_t.csv`); empty where that was not tested."""
    if runs is None:
        return ""
    own = runs[(runs["metric"] == metric) & (runs["model_a"].map(pairs) == runs["model_b"])].dropna(subset="p_holm")
    if own.empty:
        return ""
    holding = list(own.loc[own["p_holm"] < 0.05, "model_b"])
    count, label = int((own["folds"] * own["seeds"]).max()), METRICS[metric].label
    outcome = f"the difference in {label} holds for {listed(holding)}" if holding else f"no difference in {label} holds"
    doubt = "" if len(holding) == len(own) else ": training anew may change the effects"
    return (
        "These verdicts are over cases, for the networks as trained; over the trainings, "
        f"{count} of each (corrected t-test), {outcome}{doubt}."
    )


def conclusion(effects: dict[str, list[Effect]], settings: Benchmark, over_runs: str) -> str:
    """What the weights are worth, and what runs from random weights can and cannot show, in one paragraph."""
    worth = "; ".join(worth_text(METRICS[metric].label, found) for metric, found in effects.items())
    compared = {metric: found for metric, found in effects.items() if len(found) > 1}
    sentences = [f"With ImageNet weights, {worth}.", over_runs]
    sentences += [comparison_text(metric, found) for metric, found in compared.items()]
    sentences += [ranking_text(compared), limits_text(effects, settings)]
    return " ".join(sentence for sentence in sentences if sentence)


def worth_text(label: str, effects: list[Effect]) -> str:
    """`Dice is better for a and worse for b`."""
    names = {verdict: [e.network for e in effects if e.verdict == verdict] for verdict in VERDICTS}
    return f"{label} is {listed([f'{word} for {listed(named)}' for word, named in names.items() if named])}"


def comparison_text(metric: str, effects: list[Effect]) -> str:
    """Whether the effect depends on the network, changes their order, and exceeds what lies between them."""
    label, decimals = METRICS[metric].label, METRICS[metric].decimals
    depends = {
        "sign": f"The sign of the effect on {label} depends on the network",
        "size": f"The size of the effect on {label} depends on the network (intervals that do not overlap)",
        None: f"Whether the effect on {label} depends on the network stays open",
    }[dependence(effects)]
    before, after = orders(effects)
    changes = f"changes from {', '.join(before)} to {', '.join(after)}"
    parts = [depends, f"the order of the means {'stays' if before == after else changes}"]
    if top := largest(effects):
        parts.append(
            f"the largest effect, {number(abs(top.difference), decimals)} ({top.network}), "
            f"{'exceeds' if abs(top.difference) > spread(effects) else 'does not exceed'} the largest difference "
            f"between networks from random weights, {number(spread(effects), decimals)}"
        )
    return f"{'; '.join(parts)}."


def ranking_text(compared: dict[str, list[Effect]]) -> str:
    """What runs from random weights can and cannot show."""
    if not compared:
        return "One network cannot show whether a ranking of networks from random weights holds from ImageNet weights."
    doubtful = [METRICS[metric].label for metric, found in compared.items() if in_doubt(found)]
    others = [METRICS[metric].label for metric, found in compared.items() if not in_doubt(found)]
    text = "So runs from random weights show how these networks compare when trained from nothing"
    if doubtful:
        text += f"; a ranking by {listed(doubtful)} need not hold from ImageNet weights"
    if others:
        text += (
            f"; by {listed(others)}, nothing here speaks against the same ranking from ImageNet weights, or proves it"
        )
    return f"{text}."


def limits_text(effects: dict[str, list[Effect]], settings: Benchmark) -> str:
    """The budget that the conclusion holds for."""
    networks = len({effect.network for found in effects.values() for effect in found})
    seeds = len(settings.training.seeds)
    return (
        f"All this is of {counted(networks, 'network')} with the encoder that the description names, at "
        f"{settings.image_size} pixels, {counted(settings.training.epochs, 'epoch')} and {counted(seeds, 'seed')}; "
        "another encoder or a larger budget may give another answer."
    )
