"""Which models were trained by a recipe of their own, and what that changes; `names.py` marks them."""

import dataclasses
from typing import Any

from benchmarks.configuration import Parameters


def own_recipes(benchmark: str, models: list[str], parameters: Parameters) -> dict[str, str]:
    """The models of a benchmark with a recipe of their own, each with what differs from the benchmark's."""
    known = [model for model in models if model in parameters.models]  # a submission is not
    return {model: differing(benchmark, model, parameters) for model in known if parameters.models[model].own_recipe}


def differing(benchmark: str, model: str, parameters: Parameters) -> str:
    """`epochs 2, not 4; optimiser sgd (momentum 0.9), not adam`; that nothing does, where it is so."""
    usual = parameters.benchmark(benchmark).training
    budget = parameters.training_of(benchmark, model)
    pairs = [("epochs", budget.epochs, usual.epochs), ("batch size", budget.batch_size, usual.batch_size)]
    own, common = parameters.recipe_of(benchmark, model), parameters.recipes[usual.recipe]
    for name in ("optimiser", "schedule", "augmentation", "losses", "balancing"):
        pairs.append((name, words(getattr(own, name)), words(getattr(common, name))))
    for name in ("parameter_groups", "warm_up", "clip_gradients", "average_weights", "auxiliary_losses"):
        pairs.append((name.replace("_", " "), said(getattr(own, name)), said(getattr(common, name))))
    texts = [f"{name} {first}, not {second}" for name, first, second in pairs if first != second]
    return "; ".join(texts) or "the same as the benchmark's"


def said(setting: Any) -> str:
    """A setting that a recipe may leave out, in words."""
    if dataclasses.is_dataclass(setting) and not isinstance(setting, type):
        setting = {name: value for name, value in dataclasses.asdict(setting).items() if value is not None}
    if isinstance(setting, dict):
        return ", ".join(
            f"{name} ({said(value)})" if named(value) else f"{name} {value}" for name, value in setting.items()
        )
    return "none" if setting is None else str(setting)


def named(value: Any) -> bool:
    """Whether a value has names of its own within."""
    return isinstance(value, dict) or dataclasses.is_dataclass(value)


def words(setting: Any) -> str:
    """A piece of a recipe, or several, in words."""
    if isinstance(setting, list):
        return ", ".join(map(words, setting)) or "none"
    if "name" not in setting:
        return ", ".join(f"{value} for {key}" for key, value in setting.items())
    options = ", ".join(f"{key} {value}" for key, value in setting.items() if key != "name")
    return f"{setting['name']} ({options})" if options else setting["name"]


def epochs_text(benchmark: str, models: list[str], parameters: Parameters) -> str:
    """The epochs of a benchmark, those of models with other ones behind them: `4; 2 in a, b`."""
    usual = parameters.benchmark(benchmark).training.epochs
    others: dict[int, list[str]] = {}
    for model in own_recipes(benchmark, models, parameters):
        if (epochs := parameters.training_of(benchmark, model).epochs) != usual:
            others.setdefault(epochs, []).append(model)
    return "; ".join([str(usual), *(f"{epochs} in {', '.join(names)}" for epochs, names in sorted(others.items()))])
