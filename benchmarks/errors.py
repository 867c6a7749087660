"""The one exception for what a user can cause and can mend."""

import sys
from collections.abc import Callable
from functools import wraps


class UserError(Exception):
    """Says what was expected, what was found, in which file, and what to do next."""


def entry_point(main: Callable[..., None]) -> Callable[..., None]:
    """Let a command end with the message of a `UserError` and exit status 1 instead of a traceback."""

    @wraps(main)
    def run(*arguments, **keywords) -> None:
        try:
            main(*arguments, **keywords)
        except UserError as error:
            print(f"error: {error}", file=sys.stderr)
            sys.exit(1)

    return run
