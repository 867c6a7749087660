"""What params.yaml may hold, as plain dataclasses on the standard library alone, and what follows from it.

Types and ranges are the annotations (`ranges.py`); whether names fit together is checked in `names.py`.
"""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal

from benchmarks.configuration.known import lookup
from benchmarks.configuration.ranges import (
    Classes,
    Count,
    DeviceName,
    EncoderWeights,
    FileName,
    FileNames,
    FilePath,
    FoldNumbers,
    Folds,
    GradientNorm,
    GreyLevel,
    GreyLevelSpread,
    Hours,
    ImageSize,
    Names,
    NetworkName,
    ParameterCount,
    Piece,
    RateFactor,
    Seed,
    Seeds,
    Share,
    SmallNumber,
    ValidationShare,
    Workers,
)

TASKS = ("segmentation", "classification")

SelectionRule = Literal["inner_validation", "last_epoch", "test_oracle"]


@dataclass(frozen=True)
class Study:
    """Which models are compared on which benchmarks; `benchmarks` maps each to its dataset (DVC needs both)."""

    benchmarks: dict[str, str]
    models: Names
    compared: bool = True  # else they are trained and no more


@dataclass(frozen=True)
class Split:
    """`grouped_stratified` keeps groups together; `released` is the authors' KFold, neither grouped nor stratified."""

    rule: Literal["grouped_stratified", "stratified", "released"]
    folds: Folds
    seed: Seed
    validation: ValidationShare = 0.0  # share of the training groups set aside for inner validation


@dataclass(frozen=True)
class Selection:
    """The rule that selects an epoch, and the score that it maximises (see `benchmarks/protocols/selection.py`)."""

    rule: SelectionRule
    score: Literal["standard", "released"] = "standard"


@dataclass(frozen=True)
class Normalisation:
    """Grey levels in [0, 1] have `mean` subtracted and are divided by `std`."""

    mean: GreyLevel
    std: GreyLevelSpread


@dataclass(frozen=True)
class Training:
    """The budget of a benchmark."""

    epochs: Count
    batch_size: Count
    seeds: Seeds
    encoder_weights: EncoderWeights
    recipe: str
    precision: Literal["float32", "bfloat16"] = "float32"  # of convolutions and matrix products


@dataclass(frozen=True)
class Benchmark:
    dataset: FileName
    classes: Classes
    image_size: ImageSize
    normalisation: Normalisation
    split: Split
    selection: Selection
    scoring: Literal["standard", "released"]
    training: Training
    description: str = ""
    references: dict[str, list[str]] = field(default_factory=dict)  # {model: those compared with it}, not `reference`
    test_on: FileNames = field(default_factory=list)  # other datasets that the trained networks are tested on
    trained_folds: FoldNumbers | None = None  # of the split's; all of them if not given

    @property
    def folds(self) -> list[int]:
        """The folds that are trained and whose test cases are scored."""
        return list(range(self.split.folds)) if self.trained_folds is None else sorted(self.trained_folds)


@dataclass(frozen=True)
class Model:
    """A network (`module:Class`) with its arguments; `parameters` where they differ from the network's default."""

    network: NetworkName
    arguments: dict[str, Any] = field(default_factory=dict)
    parameters: ParameterCount | None = None
    recipe: str | None = None  # the reference's own recipe ...
    own_recipe: bool = False  # ... used instead of the benchmark's when true
    balancing: Piece | None = None  # instead of the recipe's
    encoder_weights: EncoderWeights | None = None  # instead of the benchmark's
    normalisation: Normalisation | None = None  # instead of the benchmark's, where weights expect another
    initialise_from: dict[str, str] | None = None  # {task: trained model of the same benchmark}
    label: str | None = None  # how readers meet it; the entry's name where none is given


@dataclass(frozen=True)
class ParameterGroup:
    """How a part of a network is learned beside the rest."""

    factor: RateFactor = 1.0  # of the recipe's learning rate
    weight_decay: SmallNumber | None = None  # instead of the optimiser's


@dataclass(frozen=True)
class WarmUp:
    """The learning rate rises linearly over the first epochs, from a share of what the schedule says to all of it."""

    epochs: Count
    start: Share = 0.1


@dataclass(frozen=True)
class AuxiliaryLoss:
    """A loss of something that `forward` returns in its dictionary, added to that of the task that it serves."""

    task: Literal["segmentation", "classification"]
    loss: str
    weight: RateFactor = 1.0


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; every entry names a piece of `benchmarks/training/`."""

    optimiser: Piece
    schedule: Piece
    augmentation: list[Piece]
    losses: dict[str, str]
    balancing: Piece
    epochs: Count | None = None  # the budget of a reference, where it is a model's own recipe ...
    batch_size: Count | None = None  # ... instead of the benchmark's
    best_weights_at: Share | None = None  # after this share of the epochs, go back to the weights selected so far
    patience: Count | None = None  # stop after so many epochs without a gain in what selects
    parameter_groups: dict[str, ParameterGroup] | None = (
        None  # {part of the network, or `balancing`: how it is learned}
    )
    warm_up: WarmUp | None = None
    clip_gradients: GradientNorm | None = None  # the network's, together, to this norm
    average_weights: Piece | None = None  # what is evaluated and kept, instead of the weights of the latest step
    auxiliary_losses: dict[str, AuxiliaryLoss] | None = None  # {key in the dictionary that forward returns: its loss}


@dataclass(frozen=True)
class Engine:
    """How fast, not what: nothing here is meant to change a result beyond rounding."""

    device: DeviceName = "auto"
    threads: Workers = 2
    channels_last: Literal["auto"] | bool = "auto"  # auto: where it pays
    compile: bool = False
    concurrent_runs: Workers | Literal["auto"] = "auto"  # auto: on a CPU as many as threads, of one each; else one
    hours_limit: Hours = 6.0  # a cell estimated to take longer does not start ...
    insist: bool = False  # ... unless this is set
    launcher: Literal["none", "local", "ray", "slurm"] = "none"  # where a training stage's runs go: docs/scaling.md
    launcher_options: FilePath | None = None  # a YAML file with what each run asks of a cluster

    @property
    def runs_at_once(self) -> int:
        """Concurrent runs; one where that is left open."""
        return 1 if self.concurrent_runs == "auto" else self.concurrent_runs


@dataclass(frozen=True)
class Parameters:
    datasets: FileNames
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
        name = (chosen.recipe or "") if chosen.own_recipe else self.benchmark(benchmark).training.recipe
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
