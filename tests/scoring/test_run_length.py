"""Run lengths against pycocotools, which defines the format."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as arrays
from pycocotools import mask as coco

from benchmarks.errors import UserError
from benchmarks.scoring.run_length import decode, encode

# pycocotools' own
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

masks = arrays.arrays(bool, arrays.array_shapes(min_dims=2, max_dims=2, max_side=40))


def coco_decode(counts: str, height: int, width: int) -> np.ndarray:
    uncompressed = {"counts": [int(count) for count in counts.split()], "size": [height, width]}
    return coco.decode(coco.frPyObjects(uncompressed, height, width)).astype(bool)


@given(masks)
def test_coco_reads_what_we_write(mask):
    assert (coco_decode(encode(mask), *mask.shape) == mask).all()


@given(masks)
def test_decode_inverts_encode(mask):
    decoded = decode(encode(mask), *mask.shape)
    assert decoded.dtype == bool
    assert (decoded == mask).all()


@given(masks)
def test_equal_masks_have_one_text(mask):
    counts = [int(count) for count in encode(mask).split()]
    assert sum(counts) == mask.size
    assert all(count > 0 for count in counts[1:])


def test_examples_of_the_contract():
    assert encode(np.zeros((4, 4), bool)) == "16"
    assert encode(np.ones((4, 4), bool)) == "0 16"
    second_column = np.array([[0, 1], [0, 1], [0, 0]])
    assert encode(second_column) == "3 2 1"
    assert (decode("3 2 1", 3, 2) == second_column).all()


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ("3 2", r"add up to 5"),
        ("3 2 2", r"add up to 7"),
        ("", r"add up to 0"),
        ("-1 7", r"negative"),
        ("3 two 1", r"whole numbers"),
        ("3 2.5 0.5", r"whole numbers"),
        (None, r"whole numbers"),
        (float("nan"), r"whole numbers"),
    ],
)
def test_bad_counts_are_refused(counts, message):
    with pytest.raises(UserError, match=message):
        decode(counts, 3, 2)


def test_only_two_dimensions():
    with pytest.raises(ValueError, match=r"\(H, W\)"):
        encode(np.zeros((1, 3, 3), bool))
