"""A progress bar where tqdm is installed, a line per epoch where it is not (a bare training machine); the time left."""

import statistics
from collections import deque

try:
    from tqdm import tqdm
except ImportError:

    class tqdm:
        """The part of tqdm's interface that training uses."""

        def __init__(self, total: int, initial: int = 0, desc: str = "", **options):
            self.total, self.done, self.label, self.notes = total, initial, desc, {}

        def set_postfix(self, **notes) -> None:
            self.notes = notes

        def update(self, count: int = 1) -> None:
            self.done += count
            notes = ", ".join(f"{name} {value}" for name, value in self.notes.items())
            print(f"{self.label}: {self.done}/{self.total} {notes}", flush=True)

        def close(self) -> None:
            pass

        def __enter__(self):
            return self

        def __exit__(self, *error) -> None:
            self.close()


class TimeLeft:
    """An estimate of the time left, from the median of the latest epochs, the first of each run left out.

    In a run's first epoch kernels are chosen, compiled and memory allocated; the median forgets a busy minute.
    """

    def __init__(self, epochs: int, per_epoch: float, at_once: int = 1, latest: int = 9):
        """
        Args:
            epochs: that are to be trained, of all runs.
            per_epoch: seconds, until an epoch has been trained that counts.
            at_once: runs side by side.
            latest: epochs that the median is of.
        """
        self.epochs, self.per_epoch, self.at_once = epochs, per_epoch, at_once
        self.seconds, self.begun = deque[float](maxlen=latest), set[tuple]()

    def count(self, row: dict) -> None:
        """Count a finished epoch.

        Args:
            row: of the curves: `seed, fold, seconds`.
        """
        self.epochs -= 1
        run = row["seed"], row["fold"]
        if run in self.begun:
            self.seconds.append(row["seconds"])
            self.per_epoch = statistics.median(self.seconds)
        self.begun.add(run)

    def text(self) -> str:
        """`about 1.2 h (estimate)`."""
        left = self.epochs * self.per_epoch / self.at_once
        if left < 90:
            return f"about {left:.0f} s (estimate)"
        return f"about {left / 60:.0f} min (estimate)" if left < 5400 else f"about {left / 3600:.1f} h (estimate)"


__all__ = ["TimeLeft", "tqdm"]
