"""The one exception for what a user can cause and can mend."""

import errno
import io
import sys
from collections.abc import Callable
from functools import wraps


class UserError(Exception):
    """Says what was expected, what was found, in which file, and what to do next."""


# What the operating system refuses for a reason that the user can mend, and how.
MENDED = {
    errno.ENOSPC: "make room on that disk",
    errno.EDQUOT: "make room, or ask for a larger quota",
    errno.EFBIG: "raise the limit on the size of files (`ulimit -f`)",
    errno.EACCES: "allow yourself to read and write there",
    errno.EPERM: "allow yourself to read and write there",
    errno.EROFS: "make that disk writable",
}


def told(error: OSError) -> str | None:
    """An error of the operating system as a user is told it, or `None` where it is none that a user can mend."""
    if error.errno not in MENDED:
        return None
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror}; {MENDED[error.errno]}, then run the same command again"


def entry_point(main: Callable[..., None]) -> Callable[..., None]:
    """Let a command end with one line and exit status 1 instead of a traceback: the message of a `UserError`, or of a
    disk that is full or cannot be written.

    What the terminal's encoding lacks is printed as an escape.
    """

    @wraps(main)
    def run(*arguments, **keywords) -> None:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper) and not stream.encoding.lower().startswith("utf"):
                stream.reconfigure(errors="backslashreplace")
        try:
            main(*arguments, **keywords)
        except UserError as error:
            stop(str(error), error)
        except OSError as error:
            if (message := told(error)) is None:
                raise
            stop(message, error)

    return run


def stop(message: str, error: Exception) -> None:
    print(f"error: {message}", file=sys.stderr)
    raise SystemExit(1) from error
