"""How far an interrupted run has come."""

from pathlib import Path

import torch


def epochs_of_state(path: Path, fingerprint: str) -> int:
    """After how many epochs a run was interrupted; 0 where the file is none, not readable, or of another version."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        return len(state["progress"]["rows"]) if state["fingerprint"] == fingerprint else 0
    except Exception:  # missing, cut short, a pickle of something else: torch has a word for each
        return 0
