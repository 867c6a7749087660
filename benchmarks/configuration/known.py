"""Names that are known, and the nearest of them where one is not."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.errors import UserError

PARAMETERS = Path("params.yaml")


def lookup(known: Mapping[str, Any], name: str, kind: str, where: str = str(PARAMETERS)) -> Any:
    """`known[name]`.

    Raises:
        UserError: there is none; it lists the known names and the nearest one.
    """
    if name not in known:
        raise UserError(f"{where}: {unknown(known, name, kind)}")
    return known[name]


def unknown(known: Iterable[str], name: str, kind: str) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"no {kind} is called {name!r}.{hint} Known: {', '.join(known) or 'none'}."
