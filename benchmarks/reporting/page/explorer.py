"""What the page's case explorer holds: per case the truth's outline, and each model's outline, Dice and probability."""

import math
from pathlib import Path

import pandas as pd

from benchmarks.reporting.figures.outlines import chain_code
from benchmarks.reporting.labels import dice_of
from benchmarks.reporting.names import Names
from benchmarks.reporting.page.links import relative
from benchmarks.reporting.results import Results, read_predictions


def explorer_data(
    results: Results, root: Path, dataset: str, selection: str, scoring: str, folder: Path, names: Names
) -> dict:
    """The explorer's data, as JSON takes it.

    Scores and probabilities are means over seeds; outlines are chain codes of the first seed. A list per model runs
    along `cases`; `null` where a model has no such head. `local` leads from the page's `folder` to the real images.
    """
    scores = results.selected(selection)
    facts = scores.drop_duplicates("case").set_index("case")
    cases = sorted(facts.index, key=natural_key)
    seed = int(scores["seed"].min())
    return {
        "dataset": dataset,
        "seed": seed,
        "seeds": int(scores["seed"].nunique()),
        "local": relative(root / "reports" / "local" / results.benchmark / "cases", folder),
        "cases": [case_facts(name, facts.loc[name], results.truth) for name in cases],
        "models": {
            names.of(model): model_facts(
                scores[scores["model"] == model], read_predictions(results.benchmark, model, root, results.settings),
                selection, seed, cases, dice_of(scoring),
            )
            for model in results.models
        },
    }  # fmt: skip


def natural_key(name: str) -> list:
    """`benign (2)` before `benign (10)`."""
    digits = "".join(c if c.isdigit() else " " for c in name).split()
    letters = "".join(" " if c.isdigit() else c for c in name)
    return [letters, *map(int, digits)]


def case_facts(name: str, facts: pd.Series, truth: pd.DataFrame) -> dict:
    known = {"name": name, "class": facts["class"], "malignant": int(facts["label"]), "group": facts["group"]}
    if name in truth.index:
        row = truth.loc[name]
        known |= {"width": int(row["width"]), "height": int(row["height"]), "area": significant(row["area"])}
        known |= {"grid": int(row["grid"]), "outline": chain_code(row["mask"], int(row["grid"]), int(row["grid"]))}
    return known


def model_facts(
    scores: pd.DataFrame, predictions: pd.DataFrame, selection: str, seed: int, names: list[str], dice: str
) -> dict:
    means = scores.groupby("case")[[dice, "hd95", "probability"]].mean().reindex(names)
    chosen = predictions[(predictions["selection"] == selection) & (predictions["seed"] == seed)]
    rows = zip(*(chosen[column].tolist() for column in ("case", "mask", "height", "width")), strict=True)
    outlines = {case: chain_code(mask, *size) for case, mask, *size in rows if isinstance(mask, str)}
    return {
        "dice": [significant(value) for value in means[dice]],
        "hd95": [significant(value) for value in means["hd95"]],
        "probability": [significant(value) for value in means["probability"]],
        "outline": [outlines.get(name) for name in names],
    }


def significant(value: float) -> float | None:
    """Three significant digits are what the explorer shows."""
    return None if math.isnan(value) else float(f"{value:.3g}")
