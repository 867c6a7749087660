"""The command line: what is told, and the exit status."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def typed(folder: Path, *words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "benchmarks", "release", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_a_release_from_build_to_check(repository):
    built = typed(repository, "build", "--out", "../out")
    assert (built.returncode, built.stderr) == (0, "")
    assert "made-up-1.2.0-source.tar.gz" in built.stdout
    checked = typed(repository, "check", "../out/made-up-1.2.0")
    assert (checked.returncode, checked.stdout.splitlines()[-1]) == (0, "../out/made-up-1.2.0: a whole release.")
    (repository.parent / "out/made-up-1.2.0/LICENSE").write_text("None\n", encoding="utf-8")
    checked = typed(repository, "check", "../out/made-up-1.2.0")
    assert (checked.returncode, checked.stdout.splitlines()[-1]) == (1, "../out/made-up-1.2.0: 1 faults.")


def test_a_refusal_is_told_without_a_traceback(repository):
    (repository / "LICENSE").unlink()
    refused = typed(repository, "build")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("error: ")
    assert "LICENSE" in refused.stderr
    assert "Traceback" not in refused.stderr
