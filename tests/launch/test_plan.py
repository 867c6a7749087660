"""What a launch would do, and what that costs."""

import dataclasses
import json
import math
from pathlib import Path

import pytest

from benchmarks.configuration import Model, read_parameters
from benchmarks.errors import UserError
from benchmarks.launch.cost import cases_of, epoch_cost
from benchmarks.launch.launch import How, launch
from benchmarks.launch.plan import plan
from benchmarks.training import data
from benchmarks.training.cell import choose_device, declared_cell
from benchmarks.training.fingerprints import read_cell
from benchmarks.training.run import run_fingerprint, train_run


def contents() -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def test_a_dry_run_prints_every_run_and_writes_nothing(parameters, capsys):
    before = contents()
    launch(parameters, ["tiny"], ["joint"], None, None, How("local", workers=2), dry_run=True)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines[:2]] == [f"tiny/outlines, seed 0, fold {fold}" for fold in (0, 1)]
    assert all("not measured at 32 px in float32" in line for line in lines[:6])
    assert lines[6].startswith("6 runs, 0 of them kept, 6 to train: 0.00 h; and 6 runs of unknown cost")
    assert contents() == before


def stop_after(epochs: int):
    def stop(row: dict) -> None:
        if row["epoch"] + 1 == epochs:
            raise KeyboardInterrupt

    return stop


def test_kept_resumed_and_new_runs_are_told_apart(parameters, capsys):
    cell = read_cell(parameters, "tiny", "toy")
    cases, fingerprint = data.load("tiny", cell.benchmark, choose_device("cpu")), run_fingerprint(cell)
    train_run(cell, cases, 0, 0, fingerprint)
    with pytest.raises(KeyboardInterrupt):
        train_run(cell, cases, 0, 1, fingerprint, stop_after(3))
    found = plan(parameters, ["tiny"], ["toy", "outlines"], None, None)
    assert [(p.state, p.epochs_done, p.epochs_left) for p in found] == [
        ("kept", 4, 0),
        ("resumed", 3, 1),
        ("new", 0, 4),
        ("new", 0, 4),
    ]
    launch(parameters, ["tiny"], ["toy"], None, None, How("local"), dry_run=True)
    assert "resumed after epoch 3 of 4" in capsys.readouterr().out


def test_a_run_that_others_start_from_is_trained_again_where_its_weights_are_gone(parameters):
    launch(parameters, ["tiny"], ["outlines"], None, None, How("local", workers=2))
    Path("runs/tiny/outlines").rename("elsewhere")
    assert [p.state for p in plan(parameters, ["tiny"], ["outlines"], None, None)] == ["entered", "entered"]
    states = {p.run.cell.model_name: p.state for p in plan(parameters, ["tiny"], ["joint"], None, None)}
    assert states == {"outlines": "new", "classes": "new", "joint": "new"}


def test_hours_follow_from_seconds_per_step_as_measured(repository, monkeypatch):
    """Of BUSI's 647 cases, 443 are trained on and 204 evaluated in fold 0 of five; a third of a step's time each."""
    monkeypatch.chdir(repository)
    parameters = read_parameters()
    assert cases_of(parameters, "busi", 0) == (443, 204)
    cell = declared_cell(parameters, "busi", "mtan")
    at_128 = dataclasses.replace(cell, benchmark=dataclasses.replace(cell.benchmark, image_size=128))
    cost = epoch_cost(parameters, at_128, 0)
    assert math.isclose(cost.seconds, 0.374868 / 8 * (443 + 204 / 3), rel_tol=1e-6)
    assert "AMD EPYC, 2 cores" in cost.source
    assert epoch_cost(parameters, cell, 0).seconds is None


def test_earlier_runs_of_a_cell_tell_its_hours_best(parameters, capsys):
    launch(parameters, ["tiny"], ["toy"], None, None, How("local", workers=2))
    records = json.loads(Path("reports/records/tiny/toy.json").read_text())["runs"]
    cost = epoch_cost(parameters, declared_cell(parameters, "tiny", "toy"), 0)
    assert math.isclose(cost.seconds, sum(run["seconds_per_epoch"] for run in records) / 2)
    assert "its earlier runs on" in cost.source


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"benchmarks": ["other"]}, "other"),
        ({"folds": [7]}, "tiny has no fold 7; it has 0, 1"),
        ({"models": ["none-such"]}, "none-such"),
    ],
)
def test_what_is_not_there_is_named(parameters, arguments, message):
    asked = {"benchmarks": ["tiny"], "models": ["toy"], "folds": None, "seeds": None} | arguments
    with pytest.raises(UserError, match=message):
        launch(parameters, **asked, how=How("local"))


def test_a_benchmark_without_a_study_needs_models(parameters):
    with pytest.raises(UserError, match=r"No study of params.yaml enables tiny\. Name its models with --models"):
        plan(dataclasses.replace(parameters, studies={}), ["tiny"], None, None, None)


def test_a_benchmark_that_is_not_prepared_is_named(parameters):
    Path("prepared/benchmarks/tiny/folds.csv").unlink()
    with pytest.raises(UserError, match=r"Run `dvc repro split@tiny` first"):
        launch(parameters, ["tiny"], ["toy"], None, None, How("local"))


def test_a_network_that_is_not_there_is_named_before_anything_is_trained(parameters):
    broken = dataclasses.replace(parameters, models=parameters.models | {"toy": Model("tests.launch.toys:Nothing")})
    with pytest.raises(UserError, match="Nothing"):
        launch(broken, ["tiny"], ["toy"], None, None, How("local"))
    assert not Path("runs/tiny").exists()
