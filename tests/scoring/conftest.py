"""A made benchmark of eight cases in two folds, small and with what makes scoring hard: several lesions, all sizes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from PIL import Image

from benchmarks.scoring.run_length import encode

settings.register_profile("any machine", deadline=None)  # speed is not asserted
settings.load_profile("any machine")

GRID = 32
NAME = "made"


def ellipse(height: int, width: int, centre: tuple[float, float], radii: tuple[float, float]) -> np.ndarray:
    """A filled ellipse; centre and radii (down, across) as shares of the sides."""
    y, x = (np.mgrid[:height, :width] + 0.5) / np.array([height, width])[:, None, None]
    return ((y - centre[0]) / radii[0]) ** 2 + ((x - centre[1]) / radii[1]) ** 2 <= 1


def resize(mask: np.ndarray, rule: Image.Resampling) -> np.ndarray:
    return np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).resize((GRID, GRID), rule))


@pytest.fixture(scope="session")
def lesions() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """For each case the union of its masks and the first one; the last case has two lesions."""
    sizes = [(40, 60), (64, 48), (30, 90), (32, 32), (100, 80), (55, 71), (48, 64), (60, 60)]
    masks = {}
    for number, size in enumerate(sizes):
        first = ellipse(*size, (0.35 + 0.03 * number, 0.4), (0.2, 0.15 + 0.01 * number))
        masks[f"case ({number + 1})"] = (first, first)
    second = ellipse(60, 60, (0.8, 0.8), (0.1, 0.1))
    masks["case (8)"] = (first | second, first)
    return masks


@pytest.fixture
def root(tmp_path, lesions) -> Path:
    """A repository root that holds the prepared benchmark `made`."""
    folder = tmp_path / "prepared" / "benchmarks" / NAME
    folder.mkdir(parents=True)
    cases, masks, soft_masks = [], [], []
    for number, (case, (union, first)) in enumerate(lesions.items()):
        facts = {"case": case, "class": ("benign", "malignant")[number % 2], "group": f"group {number}"}
        size = {"height": union.shape[0], "width": union.shape[1]}
        cases.append(
            facts | size | {"mask": encode(union), "first_mask": encode(first), "flags": "", "label": number % 2}
        )
        masks.append(resize(union, Image.Resampling.NEAREST) > 0)
        soft_masks.append(resize(first, Image.Resampling.BILINEAR))
    table = pd.DataFrame(cases)
    table.to_parquet(folder / "cases.parquet", index=False)
    table[["case", "class", "group"]].assign(fold=[0, 0, 1, 1] * 2).to_csv(folder / "folds.csv", index=False)
    masks = np.array(masks, dtype=np.uint8)
    np.savez_compressed(folder / "images.npz", images=masks, masks=masks, soft_masks=np.array(soft_masks))
    return tmp_path


@pytest.fixture
def predictions(root) -> pd.DataFrame:
    """Predictions of two selection rules and two seeds: grid masks moved by as many pixels as their seed is, the
    oracle's unmoved; case (2) is predicted empty by seed 1."""
    folder = root / "prepared" / "benchmarks" / NAME
    masks = np.load(folder / "images.npz")["masks"].astype(bool)
    folds = pd.read_csv(folder / "folds.csv")
    rows = []
    for selection in ("inner_validation", "test_oracle"):
        for seed in (1, 2):
            for number, (case, mask) in enumerate(zip(folds["case"], masks, strict=True)):
                moved = np.roll(mask, seed if selection == "inner_validation" else 0, axis=1)
                predicted = np.zeros_like(moved) if case == "case (2)" and seed == 1 else moved
                rows.append(
                    {
                        "selection": selection,
                        "seed": seed,
                        "fold": folds["fold"][number],
                        "case": case,
                        "epoch": 3,
                        "probability": (number + seed) / 10,
                        "height": GRID,
                        "width": GRID,
                        "mask": encode(predicted),
                    }
                )
    return pd.DataFrame(rows)


@pytest.fixture
def store(root):
    """Store a table of predictions as a model's."""

    def write(table: pd.DataFrame, model: str = "model") -> Path:
        path = root / "reports" / "predictions" / NAME / f"{model}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(path, index=False)
        return path

    return write
