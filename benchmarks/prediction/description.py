"""What is to be known of a trained network beside its tensors, in order to use it: the metadata of its file."""

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

from benchmarks.configuration import Normalisation
from benchmarks.datasets import DATASETS
from benchmarks.networks import network_class
from benchmarks.prediction.likeness import TrainingImages
from benchmarks.prediction.storing import Shapes, Stored
from benchmarks.training.cell import Cell

FORMAT = 1  # of the description; raised where an older reader would misread it
CODE_LICENCE = "MIT"


@dataclass(frozen=True)
class Description:
    """A trained network: what it is, what it expects, what it gives, what it was made by, and whose terms hold.

    An image is made gray, resized to `image_size` squared by Pillow's bilinear filter, divided by 255, normalised, and
    given as three equal channels. The network's mask and class outputs are logits: a pixel is lesion where the sigmoid
    of the first is above `threshold`, and the softmax of the second is of `classes`, in this order.
    """

    benchmark: str
    model: str
    network: str
    arguments: dict[str, Any]
    seed: int
    fold: int
    selection: str  # the rule that chose the epoch ...
    epoch: int  # ... from 0
    image_size: int
    normalisation: Normalisation
    classes: list[str]
    precision: str  # of convolutions and matrix products
    fingerprint: str  # of the run: code, parameters and data (docs/contracts.md)
    weights: str  # digest of the network's tensors as they were trained
    made_by: dict[str, Any]  # versions of the libraries, commit
    licences: dict[str, str]
    card: str
    training_images: TrainingImages | None
    threshold: float = 0.5
    channels: int = 3
    stored: Stored = "float32"  # how the file holds most weights (`storing.py`) ...
    packed: Shapes = field(default_factory=dict)  # ... and the shapes of those that are packed
    tensors: str = ""  # digest of the tensors in the file
    format: int = field(default=FORMAT)

    @property
    def cell(self) -> str:
        return f"{self.benchmark}/{self.model}"

    @property
    def file_name(self) -> str:
        return f"seed{self.seed}-fold{self.fold}.safetensors"


def to_text(description: Description) -> str:
    """A description as JSON."""
    return json.dumps(dataclasses.asdict(description), ensure_ascii=False, sort_keys=True)


def from_text(text: str) -> Description:
    """The description that `to_text` wrote.

    Raises:
        ValueError, TypeError, KeyError: it is none, or of another format.
    """
    content = json.loads(text)
    if content["format"] != FORMAT:
        raise ValueError(f"format {content['format']}; this version reads format {FORMAT}")
    content["normalisation"] = Normalisation(**content["normalisation"])
    if (images := content["training_images"]) is not None:
        ranges = {str(name): (float(low), float(high)) for name, (low, high) in images["range"].items()}
        content["training_images"] = TrainingImages(int(images["cases"]), int(images["coloured"]), ranges)
    content["packed"] = {str(name): tuple(map(int, shape)) for name, shape in content["packed"].items()}
    return Description(**content)


def describe(
    cell: Cell,
    record: dict[str, Any],
    epoch: int,
    weights: str,
    training_images: TrainingImages | None,
    stored: Stored = "float32",
) -> Description:
    """A run's network.

    Args:
        record: the run's `record.json`.
        epoch, weights: of the network that it left.
        training_images: what its fold was trained on, where that is known.
        stored: how its file will hold most weights.
    """
    benchmark = cell.benchmark
    return Description(
        benchmark=cell.benchmark_name,
        model=cell.model_name,
        network=cell.model.network,
        arguments={name: value for name, value in cell.model.arguments.items() if name != "encoder_weights"},
        seed=record["seed"],
        fold=record["fold"],
        selection=benchmark.selection.rule,
        epoch=epoch,
        image_size=benchmark.image_size,
        normalisation=cell.normalisation,
        classes=list(benchmark.classes),
        precision=benchmark.training.precision,
        fingerprint=record["fingerprint"],
        weights=weights,
        made_by={"versions": record.get("versions", {}), "git_commit": record.get("git_commit", "unknown")},
        licences=licences(cell),
        card=f"reports/cards/models/{cell.model_name}.md",
        training_images=training_images,
        stored=stored,
    )


def licences(cell: Cell) -> dict[str, str]:
    """Whose terms hold: of this code, of the network's reference, of the images that it was trained on."""
    found = {"code": CODE_LICENCE, "network": getattr(network_class(cell.model.network), "licence", "not stated")}
    if dataset := DATASETS.get(cell.benchmark.dataset):
        found |= {"data": dataset.terms, "data_citation": dataset.citation, "data_page": dataset.page}
    return found
