"""Binary masks as the text of their run lengths: COCO's uncompressed `counts`.

The pixels are read column by column (Fortran order); the first count is of background, so a mask that begins
with foreground begins with a count of 0. An empty 4 x 4 mask is `16`, a full one `0 16`. Height and width
stand beside it.
"""

import numpy as np

from benchmarks.errors import UserError


def encode(mask: np.ndarray) -> str:
    """Run lengths of a binary mask (H, W), separated by spaces."""
    if mask.ndim != 2:
        raise ValueError(f"expected a mask of shape (H, W), got {mask.shape}")
    pixels = np.asarray(mask, dtype=bool).ravel(order="F")
    changes = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    counts = np.diff(changes, prepend=0, append=pixels.size)
    if pixels.size and pixels[0]:
        counts = np.concatenate([[0], counts])
    return " ".join(map(str, counts.tolist()))


def decode(counts: str, height: int, width: int) -> np.ndarray:
    """The binary mask (height, width) of these run lengths.

    Raises `UserError` where a count is not a whole number, is negative, or where they do not add up to
    height x width.
    """
    try:
        lengths = [int(count) for count in counts.split()]
    except (ValueError, AttributeError) as error:
        raise UserError(
            "run lengths must be whole numbers separated by spaces, column by column, background first; "
            f"found {str(counts)[:60]!r}"
        ) from error
    if any(length < 0 for length in lengths):
        raise UserError(f"run lengths must not be negative; found {min(lengths)} in {counts[:60]!r}")
    if sum(lengths) != height * width:
        raise UserError(
            f"run lengths must add up to height x width = {height} x {width} = {height * width} pixels; "
            f"these add up to {sum(lengths)}. Are they of another size, or not column by column?"
        )
    foreground = np.arange(len(lengths)) % 2 == 1
    return np.repeat(foreground, lengths).reshape((height, width), order="F")
