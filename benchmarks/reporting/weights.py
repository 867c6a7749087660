"""Which weights the encoders of a benchmark start from, by `params.yaml`: the benchmark's, or a model's own."""

from benchmarks.configuration import Model, Parameters
from benchmarks.reporting.labels import is_external


def encoder_weights(model: str, benchmark: str, parameters: Parameters) -> str:
    """A cell's encoder weights: the model's own where its entry names some, else the benchmark's."""
    entry = parameters.models.get(model)
    own = entry.encoder_weights if entry else None
    return own or parameters.benchmark(benchmark).training.encoder_weights


def weights_text(benchmark: str, models: list[str], parameters: Parameters) -> str:
    """The weights of these models in words, the benchmark's first: `none; imagenet in a, b`."""
    usual = parameters.benchmark(benchmark).training.encoder_weights
    found = {model: encoder_weights(model, benchmark, parameters) for model in models if not is_external(model)}
    values = sorted(set(found.values()), key=lambda value: (value != usual, value))
    if not values:
        return "not on file"
    others = (f"{value} in {', '.join(m for m in found if found[m] == value)}" for value in values[1:])
    return "; ".join([values[0], *others])


def same_network(first: Model, second: Model) -> bool:
    """Whether two entries differ in training alone."""
    return (first.network, first.arguments) == (second.network, second.arguments)


def weight_pairs(benchmark: str, parameters: Parameters) -> dict[str, str]:
    """`{from ImageNet weights: the same network from random weights}`, of those that `references` compares."""
    return {
        pretrained: random
        for random, compared in parameters.benchmark(benchmark).references.items()
        for pretrained in compared
        if same_network(parameters.model(random), parameters.model(pretrained))
        and encoder_weights(random, benchmark, parameters) == "none"
        and encoder_weights(pretrained, benchmark, parameters) == "imagenet"
    }
