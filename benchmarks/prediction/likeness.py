"""How unlike the training images an image is: a few plain features, against their spread over those images.

A network answers for whatever it is shown. Where a feature of an image lies outside of what all but one in two hundred
training images have on either side, the answer rests on something that the network has hardly seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.datasets.prepared import image, read_prepared
from benchmarks.errors import UserError
from benchmarks.image_files import Picture

PERCENTILES = (0.5, 99.5)
SAID = {  # of each feature: how it is written, and what is said below and above the training images' range
    "width": ("{:.0f} pixels wide", "narrower than", "wider than"),
    "height": ("{:.0f} pixels high", "lower than", "higher than"),
    "aspect": ("width / height {:.2f}", "of a narrower shape than", "of a broader shape than"),
    "mean": ("mean grey {:.0f} of 255", "darker than", "brighter than"),
    "deviation": ("standard deviation {:.0f} of 255", "of less contrast than", "of more contrast than"),
    "black": ("{:.1%} of its pixels are 0", "less black than", "more black (a frame around the image?) than"),
    "white": ("{:.1%} of its pixels are 255", "less white than", "more white (calipers, text, overexposed?) than"),
}
NUMBERS = {name: text[text.index("{") : text.index("}") + 1] for name, (text, _, _) in SAID.items()}


@dataclass(frozen=True)
class TrainingImages:
    """What the images were like that a network was trained on: `range` is, of each feature, the two `PERCENTILES`."""

    cases: int
    coloured: int  # how many were published in colour; all are read as gray levels
    range: dict[str, tuple[float, float]]


def features(levels: np.ndarray) -> dict[str, float]:
    """The features of an image, uint8 (height, width), at its own size."""
    height, width = levels.shape
    counts = np.bincount(levels.ravel(), minlength=256)
    values = np.arange(256)
    mean = float(counts @ values / levels.size)
    return {
        "width": float(width),
        "height": float(height),
        "aspect": width / height,
        "mean": mean,
        "deviation": float(np.sqrt(counts @ (values - mean) ** 2 / levels.size)),
        "black": float(counts[0] / levels.size),
        "white": float(counts[255] / levels.size),
    }


def training_images(benchmark: str, dataset: str, folds: list[int]) -> dict[int, TrainingImages]:
    """What each fold of a benchmark was trained on, from `prepared/datasets/<dataset>/` and the fold file.

    Raises:
        UserError: the dataset is not prepared here, or the folds are of another one.
    """
    from benchmarks.protocols.split import FOLDS, read_folds  # scikit-learn, which exported weights do without

    cases, pixels = read_prepared(dataset)
    table = read_folds(FOLDS / f"{benchmark}.csv")
    cases = cases.set_index("case", drop=False)
    if strange := sorted(set(table["case"]) - set(cases.index)):
        raise UserError(f"{FOLDS / benchmark}.csv: {strange[0]} is no case of {dataset} as it is prepared here.")
    rows = list(cases.loc[table["case"]].itertuples(index=False))
    found = pd.DataFrame([features(image(row, pixels)) for row in rows])
    coloured = np.array(["coloured" in row.flags.split(";") for row in rows])
    return {
        fold: summary(found[chosen], int(coloured[chosen].sum()))
        for fold in folds
        for chosen in [(table[f"role_{fold}"] == "train").to_numpy()]
    }


def summary(found: pd.DataFrame, coloured: int) -> TrainingImages:
    """The range of each feature over some training images, a row of features each."""
    low, high = np.percentile(found, PERCENTILES, axis=0)
    ends = {str(name): (float(low[at]), float(high[at])) for at, name in enumerate(found.columns)}
    return TrainingImages(len(found), coloured, ends)


def widest(known: list[TrainingImages]) -> TrainingImages | None:
    """The range of several networks' training images together; None where nothing is known of any."""
    if not known:
        return None
    ends = {name: [each.range[name] for each in known] for name in known[0].range}
    return TrainingImages(
        max(each.cases for each in known),
        max(each.coloured for each in known),
        {name: (min(low for low, _ in pairs), max(high for _, high in pairs)) for name, pairs in ends.items()},
    )


def remarks(picture: Picture, known: TrainingImages) -> Iterator[str]:
    """In words, where an image is unlike the training images."""
    for name, value in features(picture.levels).items():
        text, below, above = SAID[name]
        low, high = known.range[name]
        if not low <= value <= high:
            low_text, high_text = NUMBERS[name].format(low), NUMBERS[name].format(high)
            what = below if value < low else above
            yield f"{what} the training images ({text.format(value)}; theirs {low_text} to {high_text})"
    if picture.coloured:
        yield (
            f"in colour ({picture.coloured:.1%} of its pixels; Doppler?), read as grey: so were {known.coloured} of "
            f"{known.cases} training images"
        )
