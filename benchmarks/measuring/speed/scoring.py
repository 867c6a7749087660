"""Scoring of masks at native size by `benchmarks.scoring`, beside medpy case by case; both must give the same."""

import time
from functools import partial

import numpy as np
import pandas as pd

from benchmarks.datasets import phantom
from benchmarks.errors import UserError
from benchmarks.measuring.speed.conventional import medpy_is_here, medpy_scores
from benchmarks.measuring.speed.images import ENLARGED
from benchmarks.measuring.speed.turns import Job, Reading, Sides
from benchmarks.scoring.segmentation import score, to_native

Pairs = list[tuple[np.ndarray, np.ndarray]]
DISTINCT, GRID = 40, 256


def pairs_of(count: int, distinct: int = DISTINCT) -> Pairs:
    """Predicted and true masks, about as large as BUSI's: the phantom's, and as a network on its grid might find them.

    The truths of so many distinct cases come again and again; no two predictions of one are the same.
    """
    cases = [next(phantom.generate(phantom.RECIPE["seed"], number)) for number in range(min(count, distinct))]
    size = [(case.image.shape[0] * ENLARGED, case.image.shape[1] * ENLARGED) for case in cases]
    truths = [to_native(case.union, *native) for case, native in zip(cases, size, strict=True)]
    pairs = []
    for number in range(count):
        truth = truths[number % len(truths)]
        aside = 1 + number // len(truths) % 7, 1 + number // len(truths) // 7 % 7
        predicted = to_native(np.roll(to_native(truth, GRID, GRID), aside, (0, 1)), *truth.shape)
        pairs.append((predicted, truth))
    return pairs


def seconds_of(scored, pairs: Pairs) -> Reading:
    began = time.perf_counter()
    for predicted, true in pairs:
        scored(predicted, true)
    return Reading(time.perf_counter() - began)


def check_equal(pairs: Pairs) -> None:
    """Raise `UserError` where the scores that both give are not the same to a relative 1e-9."""
    ours = pd.DataFrame([score(*pair) for pair in pairs])
    theirs = pd.DataFrame([medpy_scores(*pair) for pair in pairs])
    differing = ~np.isclose(ours[theirs.columns], theirs, rtol=1e-9, atol=1e-9)
    if differing.any():
        case = int(np.flatnonzero(differing.any(axis=1))[0])
        raise UserError(
            f"scoring: ours and medpy's differ in {differing.any(axis=1).sum()} of {len(pairs)} masks, first in number "
            f"{case}: {ours.loc[case].to_dict()}, {theirs.loc[case].to_dict()}. See benchmarks/scoring/segmentation.py."
        )


def scoring_job(count: int, repetitions: int) -> Job:
    """Dice, IoU, HD95 and ASSD (ours NSD and the second HD95 as well) of so many masks in one process."""
    name = f"scoring of {count} masks"

    def start() -> Sides:
        pairs = pairs_of(count)
        if not medpy_is_here():
            return Sides({name: partial(seconds_of, score, pairs)})
        check_equal(pairs[:DISTINCT])
        return Sides({name: partial(seconds_of, score, pairs)}, partial(seconds_of, medpy_scores, pairs))

    return Job(name, start, repetitions)
