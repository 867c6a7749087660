"""One process a run: a second one is told which holds it. The lock is the operating system's, so a death frees it."""

import os
import platform
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout  # torch needs it too, so a bare training machine has it

from benchmarks.errors import UserError


@contextmanager
def held(path: Path, what: str) -> Generator[None]:
    """Hold the lock file `path` within; beside it stands who does.

    Raises:
        UserError: another process holds it, or the folder cannot be written.
    """
    holder = path.with_suffix(".holder")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        lock.acquire(timeout=0)
    except Timeout:
        who = holder.read_text(encoding="utf-8") if holder.is_file() else "another process"
        raise UserError(
            f"{what}: {who} is at work on it ({path}). Wait for its end, or stop it: it goes on from its last epoch."
        ) from None
    except OSError as error:
        raise UserError(f"{path}: expected a folder that can be written, found: {error}.") from error
    try:
        holder.write_text(
            f"process {os.getpid()} on {platform.node()}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            encoding="utf-8",
        )
        yield
        holder.unlink(missing_ok=True)
    finally:
        lock.release()
