"""The archive that goes back: what whole runs left, their weights, states of interrupted runs, in turn as they fit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from benchmarks.bundle.archive import Content, packed_size, write_archive
from benchmarks.bundle.runs import EXTERNAL, Run, files_of

WEIGHTS = "weights.pt"
DEVICE = "device.json"
ALLOWANCE = 2000  # bytes: a run's entry in the manifest, and what stands around it


@dataclass
class Outcome:
    """What has become of a listed run."""

    run: Run
    state: Literal["waiting", "whole", "resumable", "failed"] = "waiting"
    epochs: int = 0
    message: str = ""
    left_out: list[str] = field(default_factory=list)  # of the archive, for want of room

    def listed(self) -> dict[str, Any]:
        told = {"state": self.state, "epochs": self.epochs, "message": self.message, "left_out": self.left_out}
        return self.run.listed() | told


class Room:
    """What fits into an archive, filled first come, first served."""

    def __init__(self, bytes_left: float):
        self.left = bytes_left
        self.contents: dict[str, Content] = {}

    def takes(self, contents: dict[str, Content]) -> bool:
        """Add files, all or none."""
        size = packed_size(contents)
        if size > self.left:
            return False
        self.contents |= contents
        self.left -= size
        return True


def write_results(
    out: Path, outcomes: Sequence[Outcome], said: dict[str, Any], device: dict[str, Any], limit: float, states: bool
) -> float:
    """Write what there is so far, whole or not at all; each outcome's `left_out` is set.

    Args:
        out: where.
        outcomes: of all listed runs, in the list's order.
        said: for the manifest.
        device: the report of device and speeds.
        limit: bytes of the archive.
        states: whether interrupted runs stand still, so that their states can be taken along.

    Returns:
        How many bytes are left for states.

    Raises:
        UserError: it cannot be written.
    """
    room = Room(limit - ALLOWANCE * (1 + len(outcomes)))
    room.takes({DEVICE: (json.dumps(device, indent=1) + "\n").encode()})
    whole = [outcome for outcome in outcomes if outcome.state == "whole"]
    for outcome in outcomes:
        outcome.left_out = []
    for outcome in whole:
        if not room.takes(result_files(outcome.run)):
            outcome.left_out.append("results")
    for outcome in whole:
        weights = outcome.run.folder / WEIGHTS
        files: dict[str, Content] = {weights.as_posix(): weights} if weights.is_file() else {}
        if "results" in outcome.left_out or not room.takes(files):
            outcome.left_out.append("weights")
    left = room.left
    for outcome in outcomes:
        if outcome.state == "resumable" and not (states and room.takes(state_files(outcome.run))):
            outcome.left_out.append("state")
    write_archive(out, room.contents, {"kind": "results", **said, "runs": [outcome.listed() for outcome in outcomes]})
    return left


def result_files(run: Run) -> dict[str, Content]:
    """What a whole run left, but for its weights, and what its network predicted for other datasets."""
    files = [path for path in files_of(run.folder) if path.name != WEIGHTS]
    tested = [
        path.with_suffix(suffix)
        for path in sorted((EXTERNAL / run.cell).glob(f"*/{run.folder.name}.json"))
        for suffix in (".json", ".parquet")
    ]
    return {path.as_posix(): path for path in [*files, *tested]}


def state_files(run: Run) -> dict[str, Content]:
    """All that an interrupted run goes on from."""
    return {path.as_posix(): path for path in files_of(run.folder)}
