"""Names that are known, and the nearest of them where one is not."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.errors import UserError

PARAMETERS = Path("params.yaml")
FEW, NEAREST = 12, 5  # so many names are all told; of more, the nearest
# The kinds of names that a command lists, each with the section of params.yaml that holds them.
SECTIONS = {
    "benchmark": "benchmarks",
    "dataset": "datasets",
    "model": "models",
    "recipe": "recipes",
    "study": "studies",
}


def lookup(known: Mapping[str, Any], name: str, kind: str, where: str = str(PARAMETERS)) -> Any:
    """`known[name]`.

    Raises:
        UserError: there is none; see `unknown` for what it tells.
    """
    if name not in known:
        raise UserError(f"{where}: {unknown(known, name, kind)}")
    return known[name]


def unknown(known: Iterable[str], name: str, kind: str, listing: str | None = None) -> str:
    """Says that there is no such name, and which there are: all, or of many the nearest and what lists all.

    Args:
        known: all names of that kind.
        name: the one that was asked for.
        kind: what such a name stands for, as a reader knows it.
        listing: what lists all; the kinds of `SECTIONS` have a command. Without one all are told.
    """
    if kind in SECTIONS:
        listing = f"`acsbench configuration --names {SECTIONS[kind]}`"
    names = list(known)
    near = difflib.get_close_matches(name, names, n=NEAREST)
    if len(names) <= FEW or listing is None:
        hint = f" Did you mean {near[0]!r}?" if near else ""
        return f"no {kind} is called {name!r}.{hint} Known: {', '.join(names) or 'none'}."
    told = f"Nearest: {', '.join(near)}" if near else "None is near it"
    return f"no {kind} is called {name!r}. {told}. {listing} lists all {len(names)}."
