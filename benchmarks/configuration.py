"""`params.yaml`, read once and validated: an unknown key or name is an error that lists the known ones.

`python -m benchmarks.configuration` prints the validated parameters as JSON, for machines without a YAML reader:
every command that takes `--params` reads that file as well.
"""

import contextlib
import dataclasses
import difflib
import json
import re
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from benchmarks.errors import UserError

PARAMETERS = Path("params.yaml")
NAME = re.compile(r"\w[\w.-]*", re.ASCII)
TASKS = ("segmentation", "classification")

SelectionRule = Literal["inner_validation", "last_epoch", "test_oracle"]


@dataclass(frozen=True)
class Study:
    """Which models are compared on which benchmarks; `benchmarks` maps each to its dataset (DVC needs both)."""

    benchmarks: dict[str, str]
    models: list[str]


@dataclass(frozen=True)
class Split:
    """`grouped_stratified` keeps groups together; `released` is the authors' KFold, neither grouped nor stratified."""

    rule: Literal["grouped_stratified", "stratified", "released"]
    folds: int
    seed: int
    validation: float = 0.0  # share of the training groups set aside for inner validation


@dataclass(frozen=True)
class Selection:
    """The rule that selects an epoch, and the score that it maximises (see `benchmarks/protocols/selection.py`)."""

    rule: SelectionRule
    score: Literal["standard", "released"] = "standard"


@dataclass(frozen=True)
class Normalisation:
    """Grey levels in [0, 1] have `mean` subtracted and are divided by `std`."""

    mean: float
    std: float


@dataclass(frozen=True)
class Training:
    """The budget of a benchmark."""

    epochs: int
    batch_size: int
    seeds: list[int]
    encoder_weights: str
    recipe: str


@dataclass(frozen=True)
class Benchmark:
    dataset: str
    classes: list[str]
    image_size: int
    normalisation: Normalisation
    split: Split
    selection: Selection
    scoring: Literal["standard", "released"]
    training: Training
    description: str = ""
    references: dict[str, list[str]] = field(default_factory=dict)  # {model: those compared with it}, not `reference`


@dataclass(frozen=True)
class Model:
    """A network (`module:Class`) with its arguments; `parameters` where they differ from the network's default."""

    network: str
    arguments: dict[str, Any] = field(default_factory=dict)
    parameters: int | None = None
    recipe: str | None = None  # the reference's own recipe ...
    own_recipe: bool = False  # ... used instead of the benchmark's when true
    balancing: dict[str, Any] | None = None  # instead of the recipe's
    encoder_weights: str | None = None  # instead of the benchmark's
    normalisation: Normalisation | None = None  # instead of the benchmark's, where weights expect another
    initialise_from: dict[str, str] | None = None  # {task: trained model of the same benchmark}


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; every entry names a piece of `benchmarks/training/`."""

    optimiser: dict[str, Any]
    schedule: dict[str, Any]
    augmentation: list[dict[str, Any]]
    losses: dict[str, str]
    balancing: dict[str, Any]
    epochs: int | None = None  # the budget of a reference, where it is a model's own recipe ...
    batch_size: int | None = None  # ... instead of the benchmark's


@dataclass(frozen=True)
class Engine:
    """How fast, not what: nothing here is meant to change a result beyond rounding."""

    device: str = "auto"
    threads: int = 2
    mixed_precision: bool = True  # bfloat16, on CUDA alone
    channels_last: bool = True
    compile: bool = False
    concurrent_runs: int = 1
    hours_limit: float = 6.0  # a cell estimated to take longer does not start ...
    insist: bool = False  # ... unless this is set


@dataclass(frozen=True)
class Parameters:
    datasets: list[str]
    reference: str
    studies: dict[str, Study]
    benchmarks: dict[str, Benchmark]
    models: dict[str, Model]
    recipes: dict[str, Recipe]
    engine: Engine

    def benchmark(self, name: str) -> Benchmark:
        return lookup(self.benchmarks, name, "benchmark")

    def model(self, name: str) -> Model:
        return lookup(self.models, name, "model")

    def models_of(self, benchmark: str) -> list[str]:
        """The models that the studies compare on a benchmark, in order of mention."""
        self.benchmark(benchmark)
        chosen = [m for study in self.studies.values() if benchmark in study.benchmarks for m in study.models]
        return list(dict.fromkeys(chosen))

    def reference_of(self, benchmark: str, models: list[str]) -> str | dict[str, str] | None:
        """What the models of a benchmark are compared with: one of them, or `{model: its own}`; None without such."""
        if own := self.benchmark(benchmark).references:
            pairs = {model: name for name, compared in own.items() for model in compared}
            return {model: name for model, name in pairs.items() if {model, name} <= set(models)} or None
        return self.reference if self.reference in models else None

    def recipe_of(self, benchmark: str, model: str) -> Recipe:
        """The recipe of a cell: the benchmark's, or the model's own where it asks for that."""
        chosen = self.model(model)
        name = chosen.recipe if chosen.own_recipe else self.benchmark(benchmark).training.recipe
        recipe = lookup(self.recipes, name, "recipe")
        return dataclasses.replace(recipe, balancing=chosen.balancing) if chosen.balancing else recipe

    def training_of(self, benchmark: str, model: str) -> Training:
        """The budget of a cell: the benchmark's, or what the model's own recipe says of it where it is asked for."""
        training = self.benchmark(benchmark).training
        if not self.model(model).own_recipe:
            return training
        own = self.recipe_of(benchmark, model)
        epochs, batch_size = own.epochs or training.epochs, own.batch_size or training.batch_size
        return dataclasses.replace(training, epochs=epochs, batch_size=batch_size)


def lookup(known: dict[str, Any], name: str, kind: str, where: str = str(PARAMETERS)) -> Any:
    """`known[name]`, or a `UserError` that lists the known names and the nearest one."""
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UserError(f"{where}: no {kind} is called {name!r}.{hint} Known: {', '.join(known) or 'none'}.")


def read_parameters(path: str | Path = PARAMETERS) -> Parameters:
    """Read and validate the parameters (YAML, or JSON by its ending).

    Raises:
        UserError: the file is missing or not readable, a key or name is unknown, a value has the wrong type.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: not found. Run the command in the repository's root, or name the file with --params.")
    parameters = read_value(Parameters, parse(path), str(path), "")
    check_names(parameters, str(path))
    return parameters


def parse(path: Path) -> Any:
    if path.suffix == ".json":
        try:
            return json.loads(path.read_text())
        except json.JSONDecodeError as error:
            raise UserError(f"{path}: not valid JSON: {error}") from error
    import yaml  # not on every training machine; there, parameters travel as JSON

    try:
        text = path.read_text()
        check_keys_once(yaml.compose(text, yaml.SafeLoader), path)
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not valid YAML: {error}") from error


def check_keys_once(node: Any, path: Path) -> None:
    """YAML takes the last of two like keys without a word; `node` is what its composer made of the file."""
    if node is None or node.id == "scalar":
        return
    lines: dict[str, int] = {}
    for part in node.value:
        if node.id == "mapping":
            key, line = str(part[0].value), part[0].start_mark.line + 1
            if key in lines:
                raise UserError(f"{path}: {key} stands twice, in lines {lines[key]} and {line}. Remove or rename one.")
            lines[key] = line
        check_keys_once(part[1] if node.id == "mapping" else part, path)


def read_value(expected: Any, value: Any, where: str, key: str) -> Any:
    """`value` as the type `expected`, recursively; `where` and `key` name its place in messages."""
    origin, arguments = typing.get_origin(expected), typing.get_args(expected)
    if expected is Any:
        return value
    if dataclasses.is_dataclass(expected):
        return read_dataclass(expected, value, where, key)
    if origin is Literal:
        if value not in arguments:
            raise UserError(f"{where}: {key}: expected one of {', '.join(map(str, arguments))}, found {value!r}.")
        return value
    if origin in (types.UnionType, typing.Union):
        return read_alternative(arguments, value, where, key)
    if origin is tuple:
        return read_tuple(arguments, value, where, key)
    if origin in (list, dict):
        if not isinstance(value, origin):
            raise UserError(f"{where}: {key}: expected a {origin.__name__}, found {value!r}.")
        if origin is list:
            return [read_value(arguments[0], v, where, f"{key}[{i}]") for i, v in enumerate(value)]
        return {str(k): read_value(arguments[1], v, where, f"{key}.{k}") for k, v in value.items()}
    return read_scalar(expected, value, where, key) if isinstance(expected, type) else value


def read_alternative(alternatives: tuple, value: Any, where: str, key: str) -> Any:
    """`value` as one of several types; where none fits, the message is that of the first."""
    if value is None and type(None) in alternatives:
        return None
    first, *others = (a for a in alternatives if a is not type(None))
    for other in others:
        with contextlib.suppress(UserError):
            return read_value(other, value, where, key)
    return read_value(first, value, where, key)


def read_tuple(items: tuple, value: Any, where: str, key: str) -> tuple:
    """A list as a tuple: `tuple[int, ...]` of any length, `tuple[float, float]` of two."""
    expected = items[:1] * len(value) if isinstance(value, list) and items[-1] is Ellipsis else items
    if not isinstance(value, list) or len(value) != len(expected):
        count = "" if items[-1] is Ellipsis else f"{len(items)} "
        raise UserError(f"{where}: {key}: expected a list of {count}values, found {value!r}.")
    pairs = zip(expected, value, strict=True)
    return tuple(read_value(item, v, where, f"{key}[{i}]") for i, (item, v) in enumerate(pairs))


def read_scalar(expected: type, value: Any, where: str, key: str) -> Any:
    whole_number_for_float = expected is float and isinstance(value, int) and not isinstance(value, bool)
    exact = isinstance(value, expected) and not (expected is not bool and isinstance(value, bool))
    if not (exact or whole_number_for_float):
        hint = " (write 1.0e-4, not 1e-4, in YAML)" if expected is float and is_number(value) else ""
        raise UserError(f"{where}: {key}: expected {expected.__name__}, found {value!r}{hint}.")
    return float(value) if expected is float else value


def is_number(text: Any) -> bool:
    """Whether YAML left a number as text, for want of a decimal point."""
    try:
        float(text)
    except (TypeError, ValueError):
        return False
    return isinstance(text, str)


def read_dataclass(expected: Any, value: Any, where: str, key: str) -> Any:
    if not isinstance(value, dict):
        raise UserError(f"{where}: {key or 'the file'}: expected a mapping, found {value!r}.")
    known = {f.name: f for f in dataclasses.fields(expected)}
    for name in value:
        lookup(known, name, f"key in {key or 'the file'}", where)
    needed = [
        f.name for f in known.values() if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ]
    missing = [name for name in needed if name not in value]
    if missing:
        raise UserError(f"{where}: {key or 'the file'}: missing {', '.join(missing)}.")
    types_of = typing.get_type_hints(expected)
    return expected(**{n: read_value(types_of[n], v, where, f"{key}.{n}".lstrip(".")) for n, v in value.items()})


def check_names(parameters: Parameters, where: str) -> None:
    """Every name that one section uses must stand in another, and be fit for a file's name."""
    for section in ("studies", "benchmarks", "models", "recipes"):
        for name in getattr(parameters, section):
            if not NAME.fullmatch(name):
                raise UserError(
                    f"{where}: {section}: {name!r} becomes a file's name: expected letters, digits and _, and - or . "
                    "after the first."
                )
    lookup(parameters.models, parameters.reference, "model", f"{where}: reference")
    for name, study in parameters.studies.items():
        for model in study.models:
            lookup(parameters.models, model, "model", f"{where}: studies.{name}")
        for benchmark, dataset in study.benchmarks.items():
            expected = lookup(parameters.benchmarks, benchmark, "benchmark", f"{where}: studies.{name}").dataset
            if dataset != expected:
                raise UserError(
                    f"{where}: studies.{name}.benchmarks.{benchmark}: expected {expected!r}, found {dataset!r}."
                )
    for name in parameters.benchmarks:
        studies = [study for study, content in parameters.studies.items() if name in content.benchmarks]
        if len(studies) > 1:
            raise UserError(f"{where}: benchmark {name} belongs to one study, found in {' and '.join(studies)}.")
    for name, benchmark in parameters.benchmarks.items():
        lookup(parameters.recipes, benchmark.training.recipe, "recipe", f"{where}: benchmarks.{name}")
        check_benchmark(benchmark, f"{where}: benchmarks.{name}")
        check_references(benchmark, parameters.models, f"{where}: benchmarks.{name}.references")
    for name, recipe in parameters.recipes.items():
        check_recipe(recipe, f"{where}: recipes.{name}")
    for name, model in parameters.models.items():
        if model.recipe:
            lookup(parameters.recipes, model.recipe, "recipe", f"{where}: models.{name}")
        elif model.own_recipe:
            raise UserError(
                f"{where}: models.{name}: own_recipe is true, but the entry names no recipe. "
                f"Known: {', '.join(parameters.recipes)}."
            )
        if model.balancing is not None:
            check_named(model.balancing, f"{where}: models.{name}.balancing")
        for task, source in (model.initialise_from or {}).items():
            lookup(dict.fromkeys(TASKS), task, "task", f"{where}: models.{name}.initialise_from")
            lookup(parameters.models, source, "model", f"{where}: models.{name}.initialise_from")
    for name in parameters.models:
        check_no_circle(parameters.models, name, (), where)


def check_references(benchmark: Benchmark, models: dict[str, Model], where: str) -> None:
    """Known models, each compared with one other."""
    compared = [model for models_of_one in benchmark.references.values() for model in models_of_one]
    for name in [*benchmark.references, *compared]:
        lookup(models, name, "model", where)
    for name, own in benchmark.references.items():
        for model in own:
            if model == name or compared.count(model) > 1:
                what = "itself" if model == name else "several"
                raise UserError(f"{where}.{name}: expected {model} to be compared with one other model, found {what}.")


def check_no_circle(models: dict[str, Model], name: str, path: tuple[str, ...], where: str) -> None:
    """No model may start from itself, by way of others either."""
    if name in path:
        raise UserError(f"{where}: models.{name}: initialise_from goes in a circle: {' <- '.join([*path, name])}.")
    for source in (models[name].initialise_from or {}).values():
        check_no_circle(models, source, (*path, name), where)


def check_recipe(recipe: Recipe, where: str) -> None:
    """Every piece must have a name; `benchmarks/training/checks/options.py` checks it against the code."""
    for part in ("optimiser", "schedule", "balancing"):
        check_named(getattr(recipe, part), f"{where}.{part}")
    for number, step in enumerate(recipe.augmentation):
        check_named(step, f"{where}.augmentation[{number}]")
    for task in recipe.losses:
        lookup(dict.fromkeys(TASKS), task, "task", f"{where}.losses")
    missing = [task for task in TASKS if task not in recipe.losses]
    if missing:
        raise UserError(f"{where}.losses: missing {', '.join(missing)}.")
    for key in ("epochs", "batch_size"):
        if (found := getattr(recipe, key)) is not None and found < 1:
            raise UserError(f"{where}: {key}: expected at least 1, found {found}.")


def check_named(piece: dict[str, Any], where: str) -> None:
    if not isinstance(piece.get("name"), str):
        raise UserError(f"{where}: expected a mapping with a name, found {piece!r}.")


def check_benchmark(benchmark: Benchmark, where: str) -> None:
    if benchmark.image_size < 32 or benchmark.image_size % 32:
        raise UserError(f"{where}: image_size: expected a multiple of 32, found {benchmark.image_size}.")
    if benchmark.training.epochs < 1 or benchmark.training.batch_size < 1 or not benchmark.training.seeds:
        raise UserError(f"{where}: training: expected at least one epoch, one image per batch and one seed.")
    if benchmark.split.folds < 2:
        raise UserError(f"{where}: split.folds: expected at least 2, found {benchmark.split.folds}.")
    if not 0 <= benchmark.split.validation < 0.5:
        raise UserError(f"{where}: split.validation: expected a share in [0, .5), found {benchmark.split.validation}.")
    if benchmark.selection.rule == "inner_validation" and benchmark.split.validation == 0:
        raise UserError(f"{where}: selection inner_validation needs split.validation above 0.")


def main() -> None:
    """Print the validated parameters as JSON."""
    print(json.dumps(dataclasses.asdict(read_parameters()), indent=1))


if __name__ == "__main__":
    from benchmarks.errors import entry_point

    entry_point(main)()
