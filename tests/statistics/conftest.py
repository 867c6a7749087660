"""Made-up case scores in the layout of docs/contracts.md: four models, two of them with one head."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.statistics import resampling

RULE = "inner_validation"


def make_cases(number: int = 40, groups: int = 25, seeds: int = 2, seed: int = 0) -> pd.DataFrame:
    """Models `joint`, `other`, `outlines` (no class) and `classes` (no mask), with ties and with groups of cases."""
    random = np.random.default_rng(seed)
    group = np.concatenate([np.arange(groups), random.integers(groups, size=number - groups)])
    label = (np.arange(number) % 3 == 0).astype(int)
    difficulty = random.normal(size=number)
    tables = []
    for place, model in enumerate(["joint", "other", "outlines", "classes"]):
        for run in range(seeds):
            dice = np.round(1 / (1 + np.exp(-1 + difficulty - 0.2 * place - random.normal(0, 0.5, number))), 2)
            dice[dice < 0.2] = 0
            probability = np.round(1 / (1 + np.exp(random.normal(1 - 2 * label, 1.2))), 2)
            table = {"case": [f"case{i:02d}" for i in range(number)], "class": np.where(label, "malignant", "benign")}
            table |= {"label": label, "group": [f"g{g:02d}" for g in group], "seed": run, "fold": group % 3}
            table |= {"selection": RULE, "epoch": 1, "probability": probability, "dice": dice, "iou": dice / (2 - dice)}
            table |= {"hd95": 50 * (1 - dice), "hd95_larger_side": 55 * (1 - dice)}
            table |= {"assd": 20 * (1 - dice), "nsd": dice**2, "empty": (dice == 0) * 1}
            tables.append(pd.DataFrame({"model": model, **table}))
    cases = pd.concat(tables, ignore_index=True).astype({"empty": float})
    cases.loc[cases["model"] == "outlines", "probability"] = np.nan
    cases.loc[cases["model"] == "classes", ["dice", "iou", "hd95", "hd95_larger_side", "assd", "nsd", "empty"]] = np.nan
    return cases


@pytest.fixture(scope="session")
def cases() -> pd.DataFrame:
    return make_cases()


@pytest.fixture(scope="session")
def made():
    return make_cases


@pytest.fixture(scope="session")
def truth(cases) -> pd.DataFrame:
    names = sorted(cases["case"].unique())
    flags = ["" if i % 2 else ("needle;axilla" if i % 4 else "axilla") for i in range(len(names))]
    return pd.DataFrame({"case": names, "area": np.linspace(0.01, 0.4, len(names)), "flags": flags})


@pytest.fixture
def use_small_blocks(monkeypatch):
    """To be called: from then on no matrix of weights is made at once, of 25 groups 7 rows."""

    def use() -> None:
        monkeypatch.setattr(resampling, "WHOLE", 0)
        monkeypatch.setattr(resampling, "BLOCK", 8 * 25 * 7)

    return use
