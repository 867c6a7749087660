"""DVC is told of what was trained beside it, as if its stages had run."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from benchmarks.configuration.documents import read_document
from benchmarks.launch.runs import Run, is_done, is_whole
from benchmarks.training.cell import Cell
from benchmarks.training.entries import read_committed

DVC_FILE = Path("dvc.yaml")


def stages() -> set[str]:
    """The cells that are training stages of `dvc.yaml`, as `<benchmark>-<model>`."""
    if not DVC_FILE.is_file():
        return set()
    train = (read_document(DVC_FILE) or {}).get("stages", {}).get("train", {})
    return set(train.get("foreach", {}))


def tell_dvc(cells: list[tuple[Cell, str]]) -> list[str]:
    """Commit the stages of cells that are whole, their runs in this workspace; lines that say what was done.

    Args:
        cells: each once, with the fingerprint of its runs.
    """
    known, entries, told, lines = stages(), read_committed(), [], []
    for cell, fingerprint in cells:
        name = f"{cell.benchmark_name}-{cell.model_name}"
        on_disk = any(is_done(Run(cell, *run, fingerprint)) for run in cell.runs)
        if name not in known or not on_disk or not is_whole(cell, fingerprint):
            continue
        if name not in entries or entries[name].fingerprint != cell.fingerprint:
            lines.append(
                f"{name}: not entered in dvc.lock: fingerprints.json is of other code. Run `dvc repro fingerprints`, "
                f"then `dvc commit -f train@{name}`."
            )
            continue
        told.append(f"train@{name}")
    return [*lines, commit(told).line] if told else lines


class Told(NamedTuple):
    """What came of telling DVC."""

    line: str
    refused: bool = False  # by DVC itself, where it is


def commit(targets: list[str]) -> Told:
    """Let DVC take the outputs of stages for made."""
    by_hand = f"`dvc commit -f {' '.join(targets)}`"
    if importlib.util.find_spec("dvc") is None:
        return Told(f"DVC is not installed here, so it knows nothing of this: {by_hand} tells it, where it is.")
    if not Path(".dvc").is_dir():
        return Told("No DVC repository here: nothing to tell it.")
    command = [sys.executable, "-m", "dvc", "commit", "-f", "-q", *targets]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        reason = " ".join(done.stderr.split())[-400:]
        return Told(f"DVC did not take the results: {reason}. Mend that, then run {by_hand}.", refused=True)
    return Told(f"dvc.lock holds {', '.join(targets)}.")
