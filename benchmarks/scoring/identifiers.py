"""What a case is called where names must be plain: in the files of other frameworks, and back."""

import re
from collections.abc import Iterable

from benchmarks.errors import UserError


def identifier(case: str) -> str:
    """A case's name of letters, digits, `-` and `_` alone: `benign (1)` is `benign_1`."""
    return re.sub(r"[^A-Za-z0-9-]+", "_", case).strip("_")


def cases_by_identifier(cases: Iterable[str]) -> dict[str, str]:
    """Each identifier's case.

    Raises:
        UserError: two cases have the same.
    """
    found: dict[str, str] = {}
    for case in cases:
        name = identifier(case)
        if name in found:
            raise UserError(
                f"the cases {found[name]!r} and {case!r} are both called {name!r} where names are of letters, digits, "
                "- and _ alone. Rename one of them in its dataset."
            )
        found[name] = case
    return found
