"""A run by its names, as lists of runs hold it, and where its files lie on both machines."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.whole_files import remove_partial

RUNS = Path("runs")  # that of benchmarks/training/cell.py, whose import takes torch's seconds
EXTERNAL = Path("tested")  # there: what networks predicted for other datasets, until it is packed


@dataclass(frozen=True, order=True)
class Run:
    """One fold and one seed of a cell."""

    benchmark: str
    model: str
    seed: int
    fold: int

    @property
    def cell(self) -> str:
        return f"{self.benchmark}/{self.model}"

    @property
    def place(self) -> str:
        """Its folder within `runs/`."""
        return f"{self.cell}/seed{self.seed}-fold{self.fold}"

    @property
    def folder(self) -> Path:
        return RUNS / self.place

    def __str__(self) -> str:
        return f"{self.cell} seed {self.seed} fold {self.fold}"

    def listed(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, listed: dict[str, Any]) -> "Run":
        """The run that an entry of a list names, whatever else the entry says.

        Raises:
            KeyError, TypeError: it names none.
        """
        benchmark, model, seed, fold = (listed[name] for name in ("benchmark", "model", "seed", "fold"))
        if not all(isinstance(name, str) for name in (benchmark, model)):
            raise TypeError("expected names of a benchmark and a model")
        return cls(benchmark, model, int(seed), int(fold))


def files_of(folder: Path) -> list[Path]:
    """What a run has left in its folder, nothing half-written."""
    if not folder.is_dir():
        return []
    remove_partial(folder)
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
