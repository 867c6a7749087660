"""Packages that someone runs as a module say where their jobs are."""

import os
import re
import subprocess
import sys

import pytest

from tests.commands.conftest import ROOT

STAGES = (ROOT / "dvc.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(("package", "jobs"), [("acsnet", {"train", "check"}), ("benchmarks.training", {"train"})])
@pytest.mark.parametrize("words", [[], ["--help"]])
def test_a_package_says_where_its_jobs_are(package, jobs, words, tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", package, *words]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(re.findall(r"python -m benchmarks (\w+)", done.stdout)) == jobs
    assert "python -m benchmarks train " in STAGES
    assert not list(tmp_path.iterdir())
