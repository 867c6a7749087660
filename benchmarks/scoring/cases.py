"""Score each case of a model: the rows of its case scores and of its forensics."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from tqdm import tqdm

from benchmarks.scoring import forensics, run_length, segmentation
from benchmarks.scoring.released import METRICS
from benchmarks.scoring.segmentation import to_native
from benchmarks.scoring.truth import PreparedBenchmark, Truth

STANDARD = ["dice", "iou", "hd95", "hd95_larger_side", "assd", "nsd", "empty"]
RELEASED = [f"released_{metric}" for metric in METRICS]
CASE_COLUMNS = ["case", "class", "label", "group", "seed", "fold", "selection", "epoch", "probability"]
MASK_KEY = ["case", "mask", "height", "width"]


@dataclass(frozen=True)
class CaseTask:
    """A case and the distinct masks `(run lengths, height, width)` that a model predicted for it."""

    case: dict
    soft_mask: np.ndarray
    masks: list[tuple[str, int, int]]


def score_case(task: CaseTask) -> list[dict[str, float]]:
    """Standard scores and the walk's scores of each mask of a case."""
    size = task.case["height"], task.case["width"]
    truth = Truth(
        run_length.decode(task.case["mask"], *size), run_length.decode(task.case["first_mask"], *size), task.soft_mask
    )
    scores = []
    for counts, height, width in task.masks:
        mask = run_length.decode(counts, height, width)
        standard = segmentation.score(to_native(mask, *size), truth.mask)
        scores.append(standard | forensics.walk(mask, truth, standard))
    return scores


def tasks_of(table: pd.DataFrame, benchmark: PreparedBenchmark) -> list[CaseTask]:
    """One task per case; several rules that selected the same epoch share its mask, which is scored once."""
    distinct = dict(iter(table[MASK_KEY].drop_duplicates().groupby("case")))
    return [
        CaseTask(case, soft, list(distinct[case["case"]][MASK_KEY[1:]].itertuples(index=False, name=None)))
        for case, soft in zip(benchmark.cases.to_dict("records"), benchmark.soft_masks, strict=True)
    ]


def score_model(
    table: pd.DataFrame, benchmark: PreparedBenchmark, run: Callable = map, bar: tqdm | None = None
) -> pd.DataFrame:
    """The predictions, row by row, with the facts of their cases, standard scores and the walk's scores.

    Args:
        table: predictions without `problems`.
        run: `map` or a parallel one.
        bar: is advanced by one for each case.
    """
    rows = table.merge(benchmark.cases[["case", "class", "label", "group"]], on="case", how="left")
    if table["mask"].isna().all():
        return rows.reindex(columns=[*rows.columns, *STANDARD, *forensics.WALK_COLUMNS])
    tasks, scored = tasks_of(table, benchmark), []
    for task, scores in zip(tasks, run(score_case, tasks), strict=True):
        masks = (dict(zip(MASK_KEY, (task.case["case"], *mask), strict=True)) for mask in task.masks)
        scored += [mask | score for mask, score in zip(masks, scores, strict=True)]
        if bar is not None:
            bar.update()
    return rows.merge(pd.DataFrame(scored), on=MASK_KEY, how="left", validate="many_to_one")


def case_table(scores: pd.DataFrame) -> pd.DataFrame:
    """The columns of `reports/cases/<benchmark>/<model>.csv`."""
    renamed = scores.rename(columns={f"{metric}_released": f"released_{metric}" for metric in METRICS})
    return renamed[[*CASE_COLUMNS, *STANDARD, *RELEASED]]
