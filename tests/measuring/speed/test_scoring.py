"""What is scored is what both ways score alike."""

import numpy as np
import pytest

from benchmarks.errors import UserError
from benchmarks.measuring.speed import scoring


@pytest.fixture(scope="module")
def pairs():
    pytest.importorskip("medpy")
    return scoring.pairs_of(4, distinct=2)


def test_equal_values(pairs):
    scoring.check_equal(pairs)
    assert not any(np.array_equal(*pair) for pair in pairs)
    assert not np.array_equal(pairs[0][0], pairs[2][0])
    assert np.array_equal(pairs[0][1], pairs[2][1])
    assert pairs[0][0].shape > (400, 400)


def test_other_values_are_noticed(pairs, monkeypatch):
    monkeypatch.setattr(scoring, "score", lambda *_: {"dice": 0.5, "iou": 0.5, "hd95": 1.0, "assd": 1.0})
    with pytest.raises(UserError, match="4 of 4 masks"):
        scoring.check_equal(pairs)


def test_sides(pairs, monkeypatch):
    monkeypatch.setattr(scoring, "pairs_of", lambda count: pairs)
    job = scoring.scoring_job(4, repetitions=2)
    sides = job.start()
    assert job.repetitions == 2
    assert sides.conventional is not None
    assert sides.ours["scoring of 4 masks"]().seconds > 0
