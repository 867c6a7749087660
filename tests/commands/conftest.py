"""The commands, run as they are typed."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def typed(tmp_path) -> Callable[..., subprocess.CompletedProcess]:
    """A function that runs `python -m benchmarks` with some words, in the repository unless another folder is named."""

    def run(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "benchmarks", *words]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)

    return run
