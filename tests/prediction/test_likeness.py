"""Notes on images that are unlike the training images."""

import numpy as np
import pytest
from PIL import Image

from benchmarks.image_files import Picture, read_picture
from benchmarks.prediction.likeness import TrainingImages, features, remarks, training_images, widest

RANGE = {
    "width": (100.0, 200.0),
    "height": (80.0, 160.0),
    "aspect": (1.0, 2.0),
    "mean": (40.0, 120.0),
    "deviation": (20.0, 60.0),
    "black": (0.0, 0.05),
    "white": (0.0, 0.01),
}
KNOWN = TrainingImages(500, 12, RANGE)


def like() -> np.ndarray:
    levels = np.random.default_rng(0).normal(80, 30, (120, 150)).round()
    return levels.clip(1, 254).astype(np.uint8)


def test_features_are_numpys():
    levels = np.random.default_rng(1).integers(0, 256, (31, 47), np.uint8)
    found = features(levels)
    assert found["mean"] == pytest.approx(levels.mean())
    assert found["deviation"] == pytest.approx(levels.std())
    assert (found["width"], found["height"], found["aspect"]) == (47, 31, 47 / 31)
    assert found["black"] == pytest.approx((levels == 0).mean())
    assert found["white"] == pytest.approx((levels == 255).mean())


def test_an_image_like_them_gets_no_note():
    assert list(remarks(Picture(like()), KNOWN)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda image: image[:, :90], "narrower than the training images (90 pixels wide; theirs 100 to 200)"),
        (lambda image: image // 3, "darker than the training images (mean grey 26 of 255; theirs 40 to 120)"),
        (lambda image: np.pad(image, ((0, 0), (0, 40))), "more black (a frame around the image?)"),
        (lambda image: np.where(np.arange(150) % 50 == 0, 255, image).astype(np.uint8), "more white (calipers, text"),
        (lambda image: np.full_like(image, 80), "of less contrast than the training images"),
        (lambda image: np.tile(image, (2, 1))[:150, :100], "of a narrower shape than"),
    ],
)
def test_an_image_unlike_them_is_told_how(change, told):
    assert told in "; ".join(remarks(Picture(change(like())), KNOWN))


def test_colour_is_told_with_its_share(tmp_path):
    colour = np.repeat(like()[..., None], 3, axis=2)
    colour[:12, :, 0] = 255  # a tenth of the rows, as where Doppler shows flow
    Image.fromarray(colour).save(tmp_path / "doppler.png")
    notes = list(remarks(read_picture(tmp_path / "doppler.png"), KNOWN))
    assert notes == ["in colour (10.0% of its pixels; Doppler?), read as grey: so were 12 of 500 training images"]


def test_the_range_is_that_of_the_folds_training_images(trained):
    """All but one in two hundred on either side; of so few images, close to the smallest and the greatest."""
    import pandas as pd

    known = training_images("tiny", "discs", [0, 1])
    folds = pd.read_csv("benchmarks/folds/tiny.csv")
    for fold in (0, 1):
        cases = folds.loc[folds[f"role_{fold}"] == "train", "case"]
        means, widths = [], []
        for case in cases:
            with Image.open(f"data/discs/{case}.png") as image:
                levels = np.asarray(image)
            means.append(levels.mean())
            widths.append(levels.shape[1])
        assert known[fold].cases == len(cases)
        assert known[fold].coloured == 0
        assert known[fold].range["mean"] == pytest.approx(np.percentile(means, [0.5, 99.5]))
        assert known[fold].range["width"] == pytest.approx(np.percentile(widths, [0.5, 99.5]))


def test_several_networks_have_seen_what_any_has():
    other = TrainingImages(400, 13, RANGE | {"mean": (30.0, 100.0)})
    both = widest([KNOWN, other])
    assert (both.cases, both.coloured, both.range["mean"]) == (500, 13, (30.0, 120.0))
    assert widest([]) is None
