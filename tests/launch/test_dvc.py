"""DVC knows what a launch has trained: its status is clean, its lock file whole, and nothing is trained for it."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
from dvc.repo import Repo

from benchmarks.launch.dvc_lock import commit, stages
from benchmarks.launch.launch import How, launch
from benchmarks.launch.stage import train
from benchmarks.training.entries import CODE, FINGERPRINTS
from benchmarks.training.fingerprints import update
from tests.launch.conftest import table
from tests.launch.test_local import same

STAGES = """
stages:
  train:
    foreach:
      tiny-toy: {benchmark: tiny, model: toy}
    do:
      cmd: "false"
      deps:
        - prepared/benchmarks/${item.benchmark}
      params:
        - fingerprints.json:
            - ${key}.digest
      outs:
        - runs/${item.benchmark}/${item.model}:
            persist: true
        - reports/predictions/${item.benchmark}/${item.model}.parquet:
            cache: false
            persist: true
        - reports/curves/${item.benchmark}/${item.model}.csv:
            cache: false
            persist: true
        - reports/records/${item.benchmark}/${item.model}.json:
            cache: false
            persist: true
"""


@pytest.fixture
def repo(parameters):
    """A DVC repository of one training stage, whose command fails: whoever runs it is found out."""
    Repo.init(no_scm=True).close()
    Path("dvc.yaml").write_text(STAGES)
    update(parameters, everything=False, workers=1)
    return parameters


def status() -> dict:
    with Repo() as repository:
        return repository.status("train@tiny-toy")


def test_after_a_launch_dvc_has_nothing_to_do(repo, capsys):
    assert status()
    launch(repo, ["tiny"], None, None, None, How("local", workers=2))
    assert "dvc.lock holds train@tiny-toy" in capsys.readouterr().out
    assert status() == {}
    locked = Path("dvc.lock").read_text()
    assert "runs/tiny/toy" in locked
    done = subprocess.run([sys.executable, "-m", "dvc", "repro", "train@tiny-toy"], check=False, capture_output=True)
    assert done.returncode == 0
    assert Path("dvc.lock").read_text() == locked


def test_cells_that_are_no_stage_or_not_whole_are_left_out(repo, capsys):
    assert stages() == {"tiny-toy"}
    launch(repo, ["tiny"], ["outlines"], None, None, How("local", workers=2))
    launch(repo, ["tiny"], ["toy"], [0], None, How("local", workers=2))
    assert "dvc.lock" not in capsys.readouterr().out
    assert not Path("dvc.lock").exists()


def test_results_of_other_code_than_fingerprints_json_says_are_not_entered(repo, capsys):
    FINGERPRINTS.unlink()
    CODE.unlink()
    launch(repo, ["tiny"], ["toy"], None, None, How("local", workers=2))
    assert "tiny-toy: not entered in dvc.lock: fingerprints.json is of other code" in capsys.readouterr().out
    assert not Path("dvc.lock").exists()


def test_without_dvc_or_its_repository_it_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert commit(["train@a"]) == ("No DVC repository here: nothing to tell it.", False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert commit(["train@a"]).line.startswith("DVC is not installed here")


def test_a_stage_goes_through_the_launcher(parameters, directly):
    expected = directly()
    engine = dataclasses.replace(parameters.engine, launcher="local")
    train(dataclasses.replace(parameters, engine=engine), "tiny", "toy")
    same(table("toy"), expected)
