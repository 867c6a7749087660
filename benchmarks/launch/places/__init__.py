"""Where runs are trained: processes of this machine, a Ray cluster, Slurm jobs. The head knows them by what they do."""

from collections.abc import Sequence
from typing import Protocol

from benchmarks.errors import UserError
from benchmarks.launch.runs import Run


class Job(Protocol):
    """A run that a place has taken."""

    def ended(self) -> bool: ...

    def fault(self) -> str | None:
        """Why it failed, None if it did not. Asked once, after its end."""
        ...


class Place(Protocol):
    """What takes runs."""

    def room(self) -> int:
        """How many more it takes now."""
        ...

    def start(self, runs: list[Run]) -> Sequence[Job]: ...

    def epochs(self, run: Run) -> int:
        """Finished epochs of a run that its folder in this workspace does not show."""
        ...

    def close(self) -> None:
        """Stop what would go on without a use."""
        ...


def library_missing(name: str, place: str) -> UserError:
    return UserError(
        f"--on {place} needs the library {name}, which is not installed. Install it with "
        "`python -m pip install -e '.[cluster]' -c constraints.txt`, or use --on local."
    )
