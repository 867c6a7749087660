"""Protocol forensics: from the released protocol to the standard one, a fault at a time, with the same predictions.

`STEPS` names the walk; V numbers are those of `benchmarks.scoring.released.Faults`, and V1 is selection on the test
fold. Each step removes its fault and leaves removed those before it. The first step equals the columns `released_...`
of the case scores under the oracle, the last one their standard columns under an honest rule.

`reports/forensics/<benchmark>/<model>.csv` has a row per seed and case; the walk can be rebuilt from it without data:

    case, label, group, seed, fold
    selection, probability         rule and probability of all steps but V1: test_oracle if it was stored
    dice_released ... asd_V9       `<metric>_<step>`: dice, jaccard (IoU), hd95, asd (ASSD from V10 on), in pixels of
                                   the network's grid up to V8 and native ones from V9 on
    selection_V1, probability_V1, dice_V1 ... asd_V1
                                   the same under inner_validation, or last_epoch where that was not stored

Cells of a model without the head in question are empty, and so are those of V1 where the oracle or an honest rule is
not stored. V5 (averages of the class task) and the second half of V10 (rounded folds) change no case, only the
summary: `summarise` applies them.

Not shown, because stored predictions do not hold them: V6 (noise in the score that selects an epoch, from batches in a
random order that was never stored), V7 (ungrouped folds need trainings of their own), V11 (training curves alone).
"""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.errors import UserError
from benchmarks.scoring import released
from benchmarks.scoring.released import METRICS, RELEASED, Faults
from benchmarks.scoring.truth import Truth

ORACLE = "test_oracle"
HONEST = ("inner_validation", "last_epoch")
IDENTITY = ["case", "label", "group", "seed", "fold"]


@dataclass(frozen=True)
class Step:
    """A stage of the walk: its name, what its fault was, and the faults that are left."""

    name: str
    description: str
    faults: Faults


def walk_from(faults: Faults, removed: list[tuple[str, str, tuple[str, ...]]]) -> tuple[Step, ...]:
    """The steps that begin with `faults` and switch off, one after the other, the named ones."""
    steps = [Step("released", "released protocol", faults)]
    for name, description, switches in removed:
        faults = dataclasses.replace(faults, **dict.fromkeys(switches, False))
        steps.append(Step(name, description, faults))
    return tuple(steps)


STEPS = walk_from(
    RELEASED,
    [
        ("V2", "distances between regions instead of surfaces", ("region_distances",)),
        ("V10", "one-sided surface distance; rounded fold means", ("one_sided_distance", "rounded_folds")),
        ("V4", "empty predictions at distance 0", ("empty_is_perfect",)),
        ("V3", "truth with values between 0 and 1", ("soft_truth",)),
        ("V8", "further masks of an image dropped", ("first_mask_only",)),
        ("V9", "scores on the network's grid", ("network_grid",)),
        ("V5", "differently averaged class metrics", ("mixed_averages",)),
        ("V1", "epoch selected on the test fold", ()),
    ],
)
SCORED_STEPS = [step for step in STEPS if step.name not in ("V5", "V1")]
WALK_COLUMNS = [f"{metric}_{step.name}" for step in SCORED_STEPS for metric in METRICS]


def walk(prediction: np.ndarray, truth: Truth, standard: dict[str, float]) -> dict[str, float]:
    """`WALK_COLUMNS` of a predicted mask, bool, on the network's grid or at native size.

    `standard` are its standard scores: what is left after V9, the last of the faults that a pair of masks can show.
    """
    measured: released.Measured = {}  # most steps change no distance
    scores = {
        f"{metric}_{step.name}": value
        for step in SCORED_STEPS[:-1]
        for metric, value in released.score(prediction, truth, step.faults, measured).items()
    }
    named = zip(METRICS, ("dice", "iou", "hd95", "assd"), strict=True)
    return scores | {f"{metric}_{SCORED_STEPS[-1].name}": standard[name] for metric, name in named}


def forensics_table(scores: pd.DataFrame) -> pd.DataFrame:
    """The rows to be stored, from a row per selection, seed and case with `IDENTITY`, `probability`, `WALK_COLUMNS`."""
    stored = list(dict.fromkeys(scores["selection"]))
    start = next(rule for rule in (ORACLE, *HONEST, *stored) if rule in stored)
    honest = next((rule for rule in HONEST if rule in stored and start == ORACLE), None)
    table = scores[scores["selection"] == start][[*IDENTITY, "selection", "probability", *WALK_COLUMNS]]
    last = {f"{metric}_{SCORED_STEPS[-1].name}": f"{metric}_V1" for metric in METRICS}
    columns = {"selection": "selection_V1", "probability": "probability_V1"} | last
    selected = scores[scores["selection"] == honest].rename(columns=columns) if honest else None
    if selected is None:
        return table.assign(**dict.fromkeys(columns.values(), pd.NA))
    return table.merge(selected[["case", "seed", *columns.values()]], on=["case", "seed"], validate="one_to_one")


def read_walk(path: Path) -> pd.DataFrame:
    """A stored table as a row per step, seed and case: `IDENTITY`, `step`, `selection`, `probability`, `METRICS`.

    Steps come in their order; V1 is left out where it is not stored.

    Raises:
        UserError: it cannot be read, or lacks a column.
    """
    try:
        table = pd.read_csv(path, dtype={"case": str, "group": str, "selection": str, "selection_V1": str})
        return pd.concat([rows_of_step(table, step.name) for step in STEPS], ignore_index=True)
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{path}: not a readable forensics table ({error}). Score the benchmark again.") from error


def rows_of_step(table: pd.DataFrame, step: str) -> pd.DataFrame:
    """The rows of one step of a stored table, none for a V1 that is not stored."""
    suffix = "_V1" if step == "V1" else ""
    scored = "V9" if step == "V5" else step
    rows = table[IDENTITY].assign(
        step=step,
        selection=table[f"selection{suffix}"],
        probability=table[f"probability{suffix}"],
        **{metric: table[f"{metric}_{scored}"] for metric in METRICS},
    )
    return rows[rows["selection"].notna()]


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """The walk in figures: `seed, step, metric, mean, standard_deviation`, each step summarised with its own faults.

    Args:
        rows: as `read_walk` returns them, or some of them.
    """
    faults = {step.name: step.faults for step in STEPS}
    tables = [
        released.table(chosen, faults[step]).reset_index().assign(seed=seed, step=step)
        for (seed, step), chosen in rows.groupby(["seed", "step"], sort=False)  # ty: ignore[not-iterable]  # pandas: a group's key is a Hashable
    ]
    return pd.concat(tables, ignore_index=True)[["seed", "step", "metric", "mean", "standard_deviation"]]
