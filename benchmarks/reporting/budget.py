"""With what a benchmark's networks were trained, in one phrase: no number without it."""

from benchmarks.configuration import Parameters
from benchmarks.reporting.names import Names
from benchmarks.reporting.recipes import epochs_text
from benchmarks.reporting.results import Results
from benchmarks.reporting.weights import weights_text
from benchmarks.reporting.wording import counted


def budget(results: Results, parameters: Parameters, names: Names) -> str:
    """`128 pixels, 30 epochs, 1 of 5 folds, 1 seed, random weights, bfloat16`."""
    settings = parameters.benchmark(results.benchmark)
    training, folds = settings.training, results.cases["fold"].nunique()
    of_folds = counted(folds, "fold") if folds == settings.split.folds else f"{folds} of {settings.split.folds} folds"
    _, *others = names.in_text(epochs_text(results.benchmark, results.models, parameters)).split("; ")
    epochs = counted(training.epochs, "epoch") + (f" ({', '.join(others)})" if others else "")
    weights = names.in_text(weights_text(results.benchmark, results.models, parameters))
    start = {"none": "random weights", "imagenet": "ImageNet weights"}.get(weights, f"weights {weights}")
    seeds = counted(results.cases["seed"].nunique(), "seed")
    return f"{settings.image_size} pixels, {epochs}, {of_folds}, {seeds}, {start}, {training.precision}"
