"""Runs as Slurm jobs, through submitit's executor for this machine."""

import sys
from pathlib import Path

import pytest

from benchmarks.configuration import Engine
from benchmarks.errors import UserError
from benchmarks.launch.launch import How, launch
from benchmarks.launch.options import SlurmOptions, read_options
from benchmarks.launch.places.slurm import SlurmJobs, TrainRun, asked_of_slurm
from benchmarks.launch.plan import plan
from tests.launch.conftest import table
from tests.launch.test_local import same

submitit = pytest.importorskip("submitit")


def as_jobs(parameters, models):
    Path("slurm.yaml").write_text("cluster: local\nminutes: 10\nat_once: 2\n")
    launch(parameters, ["tiny"], list(models), None, None, How("slurm", options=Path("slurm.yaml")))


def test_jobs_give_the_predictions_of_a_direct_training(parameters, directly):
    expected = directly()
    as_jobs(parameters, ["toy"])
    same(table("toy"), expected)


def test_a_job_that_dies_is_followed_by_one_that_resumes(parameters, directly, capsys):
    expected = directly("dies")
    Path("armed").touch()
    as_jobs(parameters, ["dies"])
    assert "ended without a result (its process died); its log: " in capsys.readouterr().out
    same(table("dies"), expected)


def test_what_is_queued_again_at_the_time_limit_is_the_same_run(parameters):
    (run, _) = (planned.run for planned in plan(parameters, ["tiny"], ["toy"], None, None))
    again = TrainRun(run, Path.cwd()).checkpoint()
    assert isinstance(again, submitit.helpers.DelayedSubmission)
    assert again.result() is None
    assert (run.folder / "record.json").is_file()


def test_options_are_handed_to_slurm(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("options.yaml").write_text("{partition: gpu, account: me, gpus: 1, minutes: 90, setup: [module load cuda]}")
    asked = asked_of_slurm(read_options(SlurmOptions, Path("options.yaml")))
    assert asked["slurm_partition"] == "gpu"
    assert asked["slurm_account"] == "me"
    assert asked["gpus_per_node"] == 1
    assert asked["timeout_min"] == 90
    assert asked["slurm_setup"] == ["module load cuda"]
    assert "slurm_qos" not in asked
    assert "gpus_per_node" not in asked_of_slurm(SlurmOptions())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("partion: gpu", "called 'partion'. Did you mean 'partition'"),
        ("minutes: 0", r"options\.yaml: minutes: expected at least 1, found 0"),
        ("cluster: moon", r"options\.yaml: cluster"),
    ],
)
def test_unknown_and_impossible_options_are_named(tmp_path, monkeypatch, text, message):
    monkeypatch.chdir(tmp_path)
    Path("options.yaml").write_text(text)
    with pytest.raises(UserError, match=message):
        read_options(SlurmOptions, Path("options.yaml"))


def test_where_there_is_no_slurm_it_is_said(tmp_path):
    with pytest.raises(UserError, match=r"--on slurm: .*srun.*login node.*cluster: local"):
        SlurmJobs(SlurmOptions(), Engine(), tmp_path)


def test_a_job_on_a_gpu_asks_for_one(tmp_path):
    with pytest.raises(UserError, match="a job asks for no GPU"):
        SlurmJobs(SlurmOptions(), Engine(device="cuda"), tmp_path)


@pytest.mark.parametrize(("on", "library"), [("ray", "ray"), ("slurm", "submitit")])
def test_a_library_that_is_missing_is_named(parameters, monkeypatch, on, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UserError, match=rf"--on {on} needs the library {library}.*\.\[cluster\]"):
        launch(parameters, ["tiny"], ["toy"], None, None, How(on))
