"""A model's promises, told one by one: kept, broken, or not to be tried here."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import torch
from torch import nn

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.networks import parameter_count
from benchmarks.training.checks.batch import CannotBeTried
from benchmarks.training.checks.contract import told
from benchmarks.training.checks.options import check_recipes
from benchmarks.training.checks.promises import PROMISES, SMALL, Promise, Subject
from benchmarks.training.checks.trial import check_network
from benchmarks.training.optimisation import build_optimiser
from benchmarks.training.trainer import build_balancing


class Verdict(NamedTuple):
    """What became of a promise; `told` is empty where it is kept."""

    kind: Literal["kept", "BROKEN", "untried"]
    sentence: str
    told: str = ""

    def __str__(self) -> str:
        return f"{self.kind:7} {self.sentence}" + (f"\n        {self.told}" if self.told else "")


def tell(parameters: Parameters, model: str, benchmark: str | None, say: Callable[[str], None] = print) -> int:
    """Say how a model keeps its promises, a line each, and the count of parameters to enter; returns how many it broke.

    Args:
        parameters: of params.yaml.
        model: its name there.
        benchmark: at whose image size, and by whose recipe, it is tried as well; else at 64 pixels by the first one's.
        say: is given each line.

    Raises:
        UserError: a name is unknown, or an entry of params.yaml cannot be followed.
    """
    check_recipes(parameters)
    check_network(parameters, model)
    chosen = parameters.benchmark(benchmark or next(iter(parameters.benchmarks)))
    recipe = parameters.recipe_of(benchmark or next(iter(parameters.benchmarks)), model)
    subject = Subject(parameters.model(model), len(chosen.classes), recipe, chosen.image_size if benchmark else SMALL)
    try:
        say(counted(model, subject))
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"{model} cannot be built: {told(error, subject.model)}.") from error
    kinds = Counter()
    for verdict in verdicts(subject):
        say(str(verdict))
        kinds[verdict.kind] += 1
    say(", ".join(f"{kinds[kind]} {kind.lower()}" for kind in ("kept", "BROKEN", "untried") if kinds[kind]) + ".")
    return kinds["BROKEN"]


def counted(model: str, subject: Subject) -> str:
    """The count of a model's trainable parameters, as its entry or its card may state it, and that of each part."""
    count, stated = parameter_count(subject.network), subject.model.parameters
    card = getattr(type(subject.network), "expected_parameters", None)
    parts = {name: parameter_count(part) for name, part in parts_of(subject.network) if parameter_count(part)}
    lines = [f"{model} ({subject.model.network}) has {count:,} trainable parameters."]
    if len(parts) > 1:
        lines.append(f"        of them {', '.join(f'{name} {number:,}' for name, number in parts.items())}")
    where = f"its entry states {stated:,}" if stated else f"its card states {card:,}" if card else "none is stated"
    lines.append(
        f"        To enter: `expected_parameters = {count:_}` on the class, or, where the entry's arguments change it, "
        f"`parameters: {count}`; {where}. Compare it with the paper's own first."
    )
    return "\n".join(lines)


def parts_of(network: nn.Module) -> list[tuple[str, nn.Module]]:
    """The parts of a network by name; those of its only part where it is a wrapper."""
    parts = list(network.named_children())
    return parts_of(parts[0][1]) if len(parts) == 1 else parts


def verdicts(subject: Subject) -> Iterator[Verdict]:
    """Of every promise, whatever became of those before it; torch's random numbers are left as they were."""
    with torch.random.fork_rng(devices=[]):
        for promise in PROMISES:
            yield verdict(promise, subject)
        yield optimised(subject)


def verdict(promise: Promise, subject: Subject) -> Verdict:
    try:
        fault = promise.fault(subject)
    except CannotBeTried as error:
        return Verdict("untried", promise.sentence, f"Not tried: {error}.")
    except UserError as error:
        fault = str(error).rstrip(".")
    except Exception as error:  # the network's own code
        fault = f"its own code fails: {told(error, subject.model)}"
    return (
        Verdict("BROKEN", promise.sentence, f"{fault}. {promise.mend}") if fault else Verdict("kept", promise.sentence)
    )


def optimised(subject: Subject) -> Verdict:
    """Whether the recipe's optimiser takes the network's parameters, its own groups of them among them."""
    sentence = "the recipe's optimiser takes its parameters"
    try:
        rule = build_balancing(subject.recipe, subject.step[1])
        build_optimiser(subject.recipe.optimiser, subject.network, rule, subject.recipe.parameter_groups)
    except UserError as error:
        return Verdict("BROKEN", sentence, str(error))
    except Exception as error:
        return Verdict("untried", sentence, f"Not tried: {told(error, subject.model)}.")
    return Verdict("kept", sentence)
