"""Predict a user's own images: `acsbench predict`.

Images are decoded, predicted and written a batch at a time, so that memory stays the same for any number of them.
Batches are as large as those in which a network is evaluated in its training, and made in the same way, so that on one
device the files of a test fold, in their order, get what is stored of it to the last bit.
"""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from benchmarks.configuration import Parameters
from benchmarks.datasets.prepared import resized
from benchmarks.errors import UserError
from benchmarks.prediction.drawing import write_mask, write_overlay
from benchmarks.prediction.ensemble import Ensemble, disagreements
from benchmarks.prediction.finding import find_networks
from benchmarks.prediction.inputs import Frame, Input, find_inputs, frames_of
from benchmarks.prediction.likeness import TrainingImages, remarks
from benchmarks.prediction.table import GrowingTable, check_out
from benchmarks.scoring.segmentation import to_native

BATCH = 32  # images, as where a network is evaluated on its own fold
PIXELS = 50_000_000  # of a batch's images at their own size; larger ones make smaller batches
PURPOSE = "For research, not for diagnosis."


@dataclass
class Outcome:
    """What came of the files: how many images were predicted, and why files were refused."""

    predicted: int = 0
    kept: int = 0  # of an interrupted call
    refused: list[str] = field(default_factory=list)


def predict(
    parameters: Parameters,
    benchmark: str | None,
    model: str,
    images: list[Path],
    out: Path,
    *,
    weights: Path | None = None,
    fold: int | None = None,
    say: Callable[[str], None] = print,
) -> Outcome:
    """Leave in `out`: masks/, overlays/ and predictions.csv (docs/predict.md).

    Raises:
        UserError: there are no such networks or images, or `out` cannot be written. A single file that is no image is
            told at once and does not stop the others.
    """
    sources = find_networks(parameters, benchmark, model, weights, fold)
    inputs, passed_over = find_inputs(images, out)
    check_out(out)
    say(PURPOSE)
    if passed_over:
        say(f"Passed over, since by their names they are no images: {some(passed_over)}")
    ensemble = Ensemble(sources, parameters)
    say(told(ensemble, sources[0].path))
    table = GrowingTable(out, ensemble.descriptions)
    try:
        outcome = predict_all(ensemble, inputs, table, out)
        table.finish()
    finally:
        table.close()
    return outcome


def told(ensemble: Ensemble, path: Path) -> str:
    """Which networks answer, and what is known of what they were trained on."""
    folds = ", ".join(f"fold {about.fold} (seed {about.seed})" for about in ensemble.descriptions)
    lines = [f"{ensemble.about.cell}: {len(ensemble.networks)} networks from {path.parent}: {folds}."]
    if "data" in ensemble.about.licences:
        lines.append(f"Trained on images under these terms: {ensemble.about.licences['data']}")
    if ensemble.lacks_precision:
        lines.append(
            "Trained in bfloat16, which this processor lacks: predicted in float32, in the last digits otherwise."
        )
    if ensemble.training_images is None:
        lines.append("What they were trained on is not prepared here: no note tells where an image is unlike it.")
    return "\n".join(lines)


def some(names: list[str], shown: int = 5) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more


def predict_all(ensemble: Ensemble, inputs: list[Input], table: GrowingTable, out: Path) -> Outcome:
    """Predict every input that is not in the table yet, with a bar over the files."""
    outcome = Outcome(kept=len(table.done))
    known = ensemble.training_images
    with tqdm(total=len(inputs), desc=ensemble.about.model, unit="file") as bar:
        for batch in batches(inputs, table, outcome, bar):
            table.add(predict_batch(ensemble, batch, known, out))
            outcome.predicted += len(batch)
    return outcome


def batches(inputs: list[Input], table: GrowingTable, outcome: Outcome, bar: tqdm) -> Iterator[list[Frame]]:
    """Images to predict together, from equal shares of the files. What is refused is told, noted and left out."""
    waiting = [source for source in inputs if (str(source.path), "") not in table.done]
    bar.update(len(inputs) - len(waiting))
    for start, end in shares(len(waiting)):
        batch: list[Frame] = []
        for source in waiting[start:end]:
            for frame in readable_frames(source, outcome, bar):
                if (str(source.path), str(frame.number or "")) in table.done:
                    continue
                if batch and (len(batch) == BATCH or pixels([*batch, frame]) > PIXELS):
                    yield batch
                    batch = []
                batch.append(frame)
        if batch:
            yield batch
        bar.update(end - start)


def shares(count: int) -> list[tuple[int, int]]:
    """Bounds of equal shares of at most BATCH, as `evaluate` of the training cuts them (NumPy's `array_split`)."""
    parts = np.array_split(np.arange(count), max(1, -(-count // BATCH)))
    return [(int(part[0]), int(part[-1]) + 1) for part in parts if len(part)]


def readable_frames(source: Input, outcome: Outcome, bar: tqdm) -> Iterator[Frame]:
    """The images of a file, as far as it can be read; what cannot is told at once."""
    try:
        yield from frames_of(source)
    except UserError as error:
        outcome.refused.append(str(error))
        bar.write(f"refused: {error}", file=sys.stderr)


def pixels(frames: list[Frame]) -> int:
    return sum(frame.picture.levels.size for frame in frames)


def predict_batch(
    ensemble: Ensemble, batch: list[Frame], known: TrainingImages | None, out: Path
) -> list[dict[str, object]]:
    """Write the masks and overlays of some images, and give their rows of the table."""
    size = ensemble.about.image_size
    answers = ensemble.answers(np.stack([resized(frame.picture.levels, size) for frame in batch]))
    votes = answers.votes()

    def row(index: int) -> dict[str, object]:
        frame = batch[index]
        height, width = frame.picture.levels.shape
        own_masks = None if answers.masks is None else answers.masks[:, index]
        own = None if answers.probabilities is None else answers.probabilities[:, index]
        notes = [*(remarks(frame.picture, known) if known else []), *disagreements(own, own_masks)]
        written = {} if votes is None else write_result(frame, to_native(votes[index], height, width), out)
        facts = {"file": frame.source.path, "frame": frame.number or "", "height": height, "width": width}
        return facts | probability_columns(own) | written | {"note": "; ".join(notes)}

    with ThreadPoolExecutor(torch.get_num_threads()) as pool:  # Pillow compresses outside of Python's lock
        return list(pool.map(row, range(len(batch))))


def probability_columns(own: np.ndarray | None) -> dict[str, object]:
    """The mean, least and greatest probability of some networks, to the last bit of one that is alone."""
    if own is None:
        return {}
    values = {"probability": own.mean(dtype=np.float64), "probability_min": own.min(), "probability_max": own.max()}
    return {name: f"{value:.9g}" for name, value in values.items()}


def write_result(frame: Frame, mask: np.ndarray, out: Path) -> dict[str, object]:
    """Write an image's mask and overlay; their columns of the table, paths relative to `out`."""
    names = {kind: f"{kind}s/{frame.result}.png" for kind in ("mask", "overlay")}
    write_mask(out / names["mask"], mask)
    write_overlay(out / names["overlay"], frame.picture.levels, mask)
    area = int(mask.sum())
    return {"area_pixels": area, "area_share": f"{area / mask.size:.6g}", **names}
