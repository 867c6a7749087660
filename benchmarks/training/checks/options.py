"""The options that `params.yaml` gives to code, checked against that code before anything is trained.

What a balancing rule, optimiser, schedule, augmentation step or network takes is read off its signature; then each
piece of a recipe is made once, for the values that it refuses itself.
"""

import inspect
import typing
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from benchmarks.configuration import PARAMETERS, TASKS, Parameters, Recipe, lookup, read_value
from benchmarks.errors import UserError
from benchmarks.networks import network_class
from benchmarks.training.augmentation import STEPS, draw
from benchmarks.training.auxiliary import TASK_LOSSES
from benchmarks.training.averaging import AVERAGES
from benchmarks.training.balancing import Balancing, rule_module
from benchmarks.training.checks.library_names import LIBRARY_NAMES, check_library_name
from benchmarks.training.losses import CLASSIFICATION_LOSSES, SEGMENTATION_LOSSES
from benchmarks.training.optimisation import OPTIMISERS, SCHEDULES, build_optimiser, schedule_factor, without_name

Options = dict[str, inspect.Parameter]
SHARES = ("probability", "final_share", "at_share")


def check_recipes(parameters: Parameters) -> None:
    """Check every recipe, and every model's own balancing.

    Raises:
        UserError: a name or an option is unknown or missing, or its value is of another kind or out of range.
    """
    for name, recipe in parameters.recipes.items():
        check_recipe(recipe, f"{PARAMETERS}: recipes.{name}")
    for name, model in parameters.models.items():
        if model.balancing:
            check_balancing(model.balancing, f"{PARAMETERS}: models.{name}.balancing")


def check_recipe(recipe: Recipe, where: str) -> None:
    lookup(SEGMENTATION_LOSSES, recipe.losses["segmentation"], "segmentation loss", f"{where}.losses")
    lookup(CLASSIFICATION_LOSSES, recipe.losses["classification"], "classification loss", f"{where}.losses")
    rule = check_balancing(recipe.balancing, f"{where}.balancing")
    check_optimiser(recipe.optimiser, rule, f"{where}.optimiser")
    schedule = lookup(SCHEDULES, recipe.schedule["name"], "schedule", f"{where}.schedule")
    check(options_of(schedule, given=("epoch", "epochs")), recipe.schedule, f"{where}.schedule")
    for number, step in enumerate(recipe.augmentation):
        place = f"{where}.augmentation[{number}]"
        known = options_of(lookup(STEPS, step["name"], "augmentation", place), given=("count", "generator"))
        check(known, step, place)
        attempt(place, draw, [step], 1, torch.Generator())
    attempt(f"{where}.schedule", schedule_factor, recipe.schedule, 0, 1)
    if recipe.average_weights:
        place = f"{where}.average_weights"
        average = lookup(AVERAGES, recipe.average_weights["name"], "average", place)
        check(options_of(average, given=("network", "epochs")), recipe.average_weights, place)
    for name, auxiliary in (recipe.auxiliary_losses or {}).items():
        place = f"{where}.auxiliary_losses.{name}"
        lookup(TASK_LOSSES[auxiliary.task], auxiliary.loss, f"{auxiliary.task} loss", place)


def check_balancing(settings: dict[str, Any], where: str) -> Balancing:
    """The rule that `settings` describe; an option that is a mapping is by task."""
    rule, options = rule_module(settings["name"]).Rule, without_name(settings)
    check(options_of(rule, given=("tasks",)), settings, where)
    for name, value in options.items():
        for task in value if isinstance(value, dict) else ():
            lookup(dict.fromkeys(TASKS), task, "task", f"{where}.{name}")
    return attempt(where, rule, list(TASKS), **options)


def check_optimiser(settings: dict[str, Any], rule: Balancing, where: str) -> None:
    optimiser = lookup(OPTIMISERS, settings["name"], "optimiser", where)
    known = options_of(optimiser, given=("params", "fused"))
    known = {"learning_rate": known.pop("lr").replace(default=inspect.Parameter.empty)} | known
    check(known, settings, where)
    attempt(where, build_optimiser, settings, nn.ParameterList([torch.zeros(1)]), rule)


def check_arguments(network: str, arguments: dict[str, Any], where: str) -> None:
    """Check the arguments that a model gives to its network, `module:Class`.

    Raises:
        UserError: the network does not exist, does not take an argument, or takes another kind of value for it.
    """
    check(options_of(network_class(network), given=("classes",)), arguments, where)
    for name, names in LIBRARY_NAMES.get(network, {}).items():
        if name in arguments:
            check_library_name(name, arguments[name], names(), where)


def options_of(code: Callable, given: tuple[str, ...]) -> Options:
    """The arguments of a function or of a class's constructor, but those that are `given` by the engine.

    A constructor that hands keywords on takes those of its base class as well.
    """
    constructors = [base.__init__ for base in code.__mro__ if "__init__" in vars(base)] if inspect.isclass(code) else []
    known: Options = {}
    for function in constructors or [code]:
        hints, own = typing.get_type_hints(function), inspect.signature(function).parameters.values()
        for parameter in own:
            if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                known.setdefault(parameter.name, parameter.replace(annotation=hints.get(parameter.name, Any)))
        if all(parameter.kind != parameter.VAR_KEYWORD for parameter in own):
            break
    return {name: parameter for name, parameter in known.items() if name not in ("self", *given)}


def check(known: Options, settings: dict[str, Any], where: str) -> None:
    """Every option of `settings` (but its `name`) must be known and of the annotated kind; none may be missing."""
    options = without_name(settings)
    for name, value in options.items():
        read_value(lookup(known, name, "option", where).annotation, value, where, name)
        if name in SHARES and not 0 <= value <= 1:
            raise UserError(f"{where}: {name}: expected a share in [0, 1], found {value!r}.")
    missing = [name for name, p in known.items() if p.default is inspect.Parameter.empty and name not in options]
    if missing:
        raise UserError(f"{where}: missing {', '.join(missing)}.")


def attempt(where: str, make: Callable, *arguments, **options) -> Any:
    """What `make` returns; what it refuses becomes the user's error."""
    try:
        return make(*arguments, **options)
    except (TypeError, ValueError) as error:
        raise UserError(f"{where}: {error}") from error
