"""One process a run."""

import os
import subprocess
import sys

import pytest

from benchmarks.errors import UserError
from benchmarks.training.lock import held

HOLD = """
import sys, time
from pathlib import Path
from benchmarks.training.lock import held
with held(Path("x.lock"), "a run"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other(tmp_path, monkeypatch, repository):
    """Another process that holds the lock."""
    monkeypatch.chdir(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        env=os.environ | {"PYTHONPATH": str(repository)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_process_is_told_which_one_is_at_work(other, tmp_path):
    with (
        pytest.raises(UserError, match=rf"^a run: process {other.pid} on .* is at work on it"),
        held(tmp_path / "x.lock", "a run"),
    ):
        pass


def test_the_death_of_a_process_frees_its_lock(other, tmp_path):
    other.kill()
    other.wait()
    with held(tmp_path / "x.lock", "a run"):
        assert (tmp_path / "x.holder").read_text().startswith(f"process {os.getpid()} ")
    assert not (tmp_path / "x.holder").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "locks").write_text("a file")
    with (
        pytest.raises(UserError, match="expected a folder that can be written"),
        held(tmp_path / "locks" / "x", "a run"),
    ):
        pass
