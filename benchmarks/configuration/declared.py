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
    TrainingShare,
    ValidationShare,
    Workers,
)

TASKS = ("segmentation", "classification")

SelectionRule = Literal["inner_validation", "last_epoch", "test_oracle"]


@dataclass(frozen=True)
class Study:
    """Models that are compared with each other on some benchmarks."""

    benchmarks: dict[str, str]
    """The benchmarks, each with its dataset: DVC needs both."""
    models: Names
    """The models that are trained on each of them."""
    compared: bool = True
    """Whether they are scored and compared, or trained and no more."""
    learning_curve_of: str | None = None
    """Another study's benchmark, on whose page these stand as points of a learning curve; they have no page then."""

    @property
    def has_pages(self) -> bool:
        """Whether each of its benchmarks has tables, figures and a place on a page."""
        return self.compared and self.learning_curve_of is None


@dataclass(frozen=True)
class Split:
    """How the cases are divided."""

    rule: Literal["grouped_stratified", "stratified", "released"]
    """`grouped_stratified` keeps groups together; `released` is the authors' KFold, neither grouped nor stratified."""
    folds: Folds
    """How many parts are tested in turn."""
    seed: Seed
    """Of the random division."""
    validation: ValidationShare = 0.0
    """Share of the training groups that is set aside for inner validation."""
    training: TrainingShare = 1.0
    """Share of what then remains that is trained on; what a smaller share holds, a larger one holds too."""


@dataclass(frozen=True)
class Selection:
    """Which of a run's epochs is kept (`benchmarks/protocols/selection.py`)."""

    rule: SelectionRule
    """By the inner validation set, the last one, or by the test cases, as the released code does."""
    score: Literal["standard", "released"] = "standard"
    """What the rule maximises."""


@dataclass(frozen=True)
class Normalisation:
    """Grey levels in [0, 1] have `mean` subtracted and are divided by `std`."""

    mean: GreyLevel
    """Subtracted from grey levels in [0, 1]."""
    std: GreyLevelSpread
    """By which they are divided then."""


@dataclass(frozen=True)
class Training:
    """The budget of a benchmark."""

    epochs: Count
    """How often a run sees every training case."""
    batch_size: Count
    """Images of a training step."""
    seeds: Seeds
    """A run of every fold for each of them."""
    encoder_weights: EncoderWeights
    """What encoders start from: `none` (random), `imagenet`, or the path of a state dict."""
    recipe: str
    """A name of `recipes`."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of convolutions and matrix products."""


@dataclass(frozen=True)
class Benchmark:
    """A dataset with a protocol and a budget."""

    dataset: FileName
    """One that `benchmarks/datasets/` reads."""
    classes: Classes
    """The negative class and the positive one."""
    image_size: ImageSize
    """Side of the square that a network sees, in pixels."""
    normalisation: Normalisation
    """Of grey levels, before a network sees them."""
    split: Split
    """How the cases are divided."""
    selection: Selection
    """Which epoch is kept."""
    scoring: Literal["standard", "released"]
    """By this benchmark's definitions, or by those of the released code."""
    training: Training
    """How long and by which recipe networks learn."""
    description: str = ""
    """A sentence for readers of tables and pages."""
    references: dict[str, list[str]] = field(default_factory=dict)
    """`{model: those compared with it}`, instead of the one `reference`."""
    test_on: FileNames = field(default_factory=list)
    """Other datasets that the trained networks are tested on."""
    trained_folds: FoldNumbers | None = None
    """These folds of the split alone; all of them if not given."""

    @property
    def folds(self) -> list[int]:
        """The folds that are trained and whose test cases are scored."""
        return list(range(self.split.folds)) if self.trained_folds is None else sorted(self.trained_folds)


@dataclass(frozen=True)
class Model:
    """A network with its arguments."""

    network: NetworkName
    """`module:Class`."""
    arguments: dict[str, Any] = field(default_factory=dict)
    """Of the class's constructor, beside `classes` and `encoder_weights`."""
    parameters: ParameterCount | None = None
    """Trainable parameters, where the arguments give another count than the network's card states."""
    recipe: str | None = None
    """The reference's own recipe, a name of `recipes`; used where `own_recipe` says so."""
    own_recipe: bool = False
    """Train by that recipe instead of the benchmark's."""
    balancing: Piece | None = None
    """The balancing rule instead of the recipe's."""
    encoder_weights: EncoderWeights | None = None
    """What the encoder starts from instead of what the benchmark says."""
    normalisation: Normalisation | None = None
    """Instead of the benchmark's, where weights expect another."""
    initialise_from: dict[str, str] | None = None
    """`{task: model of the same benchmark}` whose trained networks it starts from."""
    label: str | None = None
    """How readers meet it; the entry's name where none is given."""


@dataclass(frozen=True)
class ParameterGroup:
    """How a part of a network is learned beside the rest."""

    factor: RateFactor = 1.0
    """By which the recipe's learning rate is multiplied."""
    weight_decay: SmallNumber | None = None
    """Instead of the optimiser's."""


@dataclass(frozen=True)
class WarmUp:
    """The learning rate rises linearly over the first epochs, from a share of what the schedule says to all of it."""

    epochs: Count
    """How many."""
    start: Share = 0.1
    """The share in the first of them."""


@dataclass(frozen=True)
class AuxiliaryLoss:
    """A loss of something that `forward` returns in its dictionary, added to that of the task that it serves."""

    task: Literal["segmentation", "classification"]
    """Whose truth it is compared with."""
    loss: str
    """A loss of that task, by its name in `benchmarks/training/losses.py`."""
    weight: RateFactor = 1.0
    """By which it is multiplied before it is added."""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; every entry names a piece of `benchmarks/training/`."""

    optimiser: Piece
    """Its name, its `learning_rate`, and other options of it."""
    schedule: Piece
    """Of the learning rate, over the epochs."""
    augmentation: list[Piece]
    """Steps in this order."""
    losses: dict[str, str]
    """A loss for each task, unless the network brings its own."""
    balancing: Piece
    """How the tasks' losses become one step."""
    epochs: Count | None = None
    """The budget of a reference, instead of the benchmark's, where it is a model's own recipe."""
    batch_size: Count | None = None
    """The same of the images of a step."""
    best_weights_at: Share | None = None
    """After this share of the epochs, go back to the weights selected so far."""
    patience: Count | None = None
    """Stop after so many epochs without a gain in what selects."""
    parameter_groups: dict[str, ParameterGroup] | None = (
        None  # {part of the network, or `balancing`: how it is learned}
    )
    """How parts of the network, by name, or the rule (`balancing`) are learned, instead of the network's own groups."""
    warm_up: WarmUp | None = None
    """A slow start of the learning rate."""
    clip_gradients: GradientNorm | None = None
    """The greatest norm of the network's gradients together."""
    average_weights: Piece | None = None
    """An average that is evaluated and kept instead of the weights of the latest step."""
    auxiliary_losses: dict[str, AuxiliaryLoss] | None = None
    """`{key in the dictionary that forward returns: its loss}`."""


@dataclass(frozen=True)
class Engine:
    """How fast, not what: nothing here is meant to change a result beyond rounding."""

    device: DeviceName = "auto"
    """Where networks compute; `auto`: a GPU where there is one."""
    threads: Workers = 2
    """Of the processor, for all that a job trains or predicts."""
    channels_last: Literal["auto"] | bool = "auto"
    """The order of tensors in memory; `auto`: where it pays."""
    compile: bool = False
    """Whether torch compiles the networks."""
    concurrent_runs: Workers | Literal["auto"] = "auto"
    """Runs side by side; `auto`: on a CPU as many as threads, of one thread each, else one."""
    hours_limit: Hours = 6.0
    """A cell that is estimated to take longer does not start ..."""
    insist: bool = False
    """... unless this is set."""
    launcher: Literal["none", "local", "ray", "slurm"] = "none"
    """Where a training stage's runs go: `docs/scaling.md`."""
    launcher_options: FilePath | None = None
    """A YAML file with what each run asks of a cluster."""

    @property
    def runs_at_once(self) -> int:
        """Concurrent runs; one where that is left open."""
        return 1 if self.concurrent_runs == "auto" else self.concurrent_runs


@dataclass(frozen=True)
class Parameters:
    """All of params.yaml."""

    datasets: FileNames
    """Those that `dvc repro` downloads and prepares."""
    reference: str
    """The model that every paired difference is taken to, unless a benchmark has `references`."""
    studies: dict[str, Study]
    """What `dvc repro` trains and compares, by name."""
    benchmarks: dict[str, Benchmark]
    """By name."""
    models: dict[str, Model]
    """By name."""
    recipes: dict[str, Recipe]
    """By name."""
    engine: Engine
    """How this machine computes."""
    front_page: FileNames = field(default_factory=list)
    """The benchmarks on the front page, in this order; none: the study `comparison`'s and their ungrouped twins."""

    def benchmark(self, name: str) -> Benchmark:
        return lookup(self.benchmarks, name, "benchmark")

    def model(self, name: str) -> Model:
        return lookup(self.models, name, "model")

    def models_of(self, benchmark: str) -> list[str]:
        """The models that the studies compare on a benchmark, in order of mention."""
        self.benchmark(benchmark)
        chosen = [m for study in self.studies.values() if benchmark in study.benchmarks for m in study.models]
        return list(dict.fromkeys(chosen))

    def points_of(self, benchmark: str) -> list[str]:
        """The benchmarks that stand on the page of this one as points of its learning curve, in order of mention."""
        studies = [study for study in self.studies.values() if study.learning_curve_of == benchmark]
        return list(dict.fromkeys(name for study in studies for name in study.benchmarks))

    def reference_of(self, benchmark: str, models: list[str]) -> str | dict[str, str] | None:
        """What the models of a benchmark are compared with: one of them, or `{model: its own}`; None without such."""
        if own := self.benchmark(benchmark).references:
            pairs = {model: name for name, compared in own.items() for model in compared}
            return {model: name for model, name in pairs.items() if {model, name} <= set(models)} or None
        return self.reference if self.reference in models else None

    def references_of(self, benchmark: str) -> list[str]:
        """Those that models of a benchmark are compared with, in order of mention, whether they are there or not."""
        return list(self.benchmark(benchmark).references) or [self.reference]

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
