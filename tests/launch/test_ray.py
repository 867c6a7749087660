"""Runs as tasks of a Ray cluster of two workers on this machine."""

import dataclasses
from pathlib import Path

import pytest

from benchmarks.configuration import Engine
from benchmarks.errors import UserError
from benchmarks.launch.launch import How, launch
from benchmarks.launch.options import RayOptions
from benchmarks.launch.places.ray_cluster import enter, share_of_gpu
from benchmarks.launch.plan import plan
from tests.launch.conftest import table
from tests.launch.test_local import same

ray = pytest.importorskip("ray")


@pytest.fixture(scope="module")
def cluster(repository):
    """Two workers; launches of this process use it instead of starting their own."""
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        object_store_memory=100 * 2**20,
        log_to_driver=False,
        runtime_env={"env_vars": {"PYTHONPATH": str(repository), "OMP_NUM_THREADS": "1"}},
    )
    yield
    ray.shutdown()


def on_ray(parameters, models, attempts=2, **options):
    Path("options.yaml").write_text("\n".join(f"{key}: {value}" for key, value in options.items()) or "{}")
    how = How("ray", workers=2, attempts=attempts, options=Path("options.yaml"))
    launch(parameters, ["tiny"], list(models), None, None, how)


def test_a_launch_on_ray_gives_the_predictions_of_a_direct_training(parameters, directly, cluster):
    expected = directly()
    on_ray(parameters, ["toy"])
    same(table("toy"), expected)


def test_a_worker_of_ray_that_dies_is_followed_by_one_that_resumes(parameters, directly, cluster, capsys):
    expected = directly("dies")
    Path("armed").touch()
    on_ray(parameters, ["dies"])
    assert "attempt 1 of 2 failed: its worker is gone (WorkerCrashedError)" in capsys.readouterr().out
    same(table("dies"), expected)


def test_without_a_shared_disk_the_finished_runs_come_back_as_files(parameters, directly, cluster):
    """A network that starts from two others finds their weights there, too."""
    expected = {model: directly(model) for model in ("outlines", "classes")}
    on_ray(parameters, ["joint"], shared_disk="false")
    for model, predictions in expected.items():
        same(table(model), predictions)
    names = {"curves.csv", "predictions-inner_validation.parquet", "record.json", "weights.pt"}
    for model in ("outlines", "classes", "joint"):
        assert names <= {path.name for path in Path(f"runs/tiny/{model}/seed0-fold0").iterdir()}


def test_files_that_were_cut_on_the_way_are_not_entered(parameters):
    launch(parameters, ["tiny"], ["toy"], None, None, How("local", workers=2))
    (run, _) = (planned.run for planned in plan(parameters, ["tiny"], ["toy"], None, None))
    before = {path.name: path.read_bytes() for path in run.folder.iterdir()}
    cut = before | {"predictions-last_epoch.parquet": before["predictions-last_epoch.parquet"][:200]}
    assert "not a whole run" in enter(run, cut)
    assert {path.name: path.read_bytes() for path in run.folder.iterdir()} == before
    assert enter(run, before) is None
    assert not list(run.folder.parent.glob(".*"))


@pytest.mark.parametrize(
    ("device", "runs", "asked", "gpus", "share"),
    [
        ("auto", "auto", "auto", 8, 1.0),
        ("auto", 4, "auto", 8, 0.25),
        ("auto", "auto", "auto", 0, 0.0),
        ("cpu", "auto", "auto", 8, 0.0),
        ("cuda", "auto", 0.5, 1, 0.5),
    ],
)
def test_a_run_takes_a_share_of_a_gpu_only_if_it_uses_one(device, runs, asked, gpus, share):
    assert share_of_gpu(RayOptions(gpus=asked), Engine(device=device, concurrent_runs=runs), gpus) == share


def test_gpus_that_the_cluster_lacks_are_named():
    with pytest.raises(UserError, match=r"engine\.device is cuda, but the Ray cluster has 0 GPUs"):
        share_of_gpu(RayOptions(), Engine(device="cuda"), 0)


def test_an_address_is_of_ray_alone(parameters):
    with pytest.raises(UserError, match="--address is of --on ray"):
        How("local", address="auto")
    assert dataclasses.asdict(How("ray", address="auto"))["address"] == "auto"
