"""The order of networks by a number, in words: what a figure's finding is mostly about."""

import pandas as pd

from benchmarks.reporting.labels import number
from benchmarks.reporting.wording import listed

SPOKEN = 3  # the first so many are named


def order_text(values: pd.Series, decimals: int = 3, ascending: bool = False) -> str:
    """`A 0.812, B 0.790 and C 0.771 first, Z 0.402 last of 9`; all of them where they are few.

    Args:
        values: a number for each network, by label; those without one are left out.
        decimals: of the numbers.
        ascending: whether the least is first.
    """
    ranked = values.dropna().sort_values(ascending=ascending, kind="stable")
    said = [f"{model} {number(value, decimals)}" for model, value in ranked.items()]
    if not said:
        return "none"
    if len(said) <= SPOKEN + 1:
        return listed(said)
    return f"{listed(said[:SPOKEN])} first, {said[-1]} last of {len(said)}"
