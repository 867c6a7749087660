"""The training command: cells, estimates, bad input, and entering runs from another machine."""

import dataclasses
import shutil

import pandas as pd
import pytest
import torch

from benchmarks.configuration import Engine, Model, read_parameters
from benchmarks.errors import UserError
from benchmarks.training import data
from benchmarks.training.cell import choose_device, declared_cell, side_by_side
from benchmarks.training.collect import collect, report_files
from benchmarks.training.fingerprints import read_cell, stated_digest
from benchmarks.training.run import run_fingerprint
from benchmarks.training.train import choose_runs, in_order, train, train_cell


def test_a_cell_is_collected_once_all_its_runs_are_whole(make_cell, tmp_path, capsys):
    cell = make_cell(epochs=1)
    predictions = tmp_path / "reports" / "predictions" / "tiny" / "toy.parquet"
    train_cell(cell, [(0, 1)])
    assert not predictions.exists()
    assert "still to train: seed 0 fold 0" in capsys.readouterr().out
    train_cell(cell, cell.runs)
    table = pd.read_parquet(predictions)
    for _, part in table.groupby("selection"):
        assert sorted(part["case"]) == [f"case{i:02}" for i in range(36)]
    assert len(pd.read_csv(tmp_path / "reports" / "curves" / "tiny" / "toy.csv")) == 2


def test_concurrent_runs_give_the_same_predictions_as_runs_in_turn(make_cell, tmp_path):
    cell = make_cell(epochs=1)
    train_cell(cell, cell.runs)
    predictions = tmp_path / "reports" / "predictions" / "tiny" / "toy.parquet"
    in_turn = pd.read_parquet(predictions)
    shutil.rmtree(tmp_path / "runs")
    train_cell(dataclasses.replace(cell, engine=dataclasses.replace(cell.engine, concurrent_runs=2)), cell.runs)
    pd.testing.assert_frame_equal(pd.read_parquet(predictions), in_turn, check_exact=True)


@pytest.mark.parametrize(
    ("device", "runs", "threads", "concurrent", "each"),
    [("cpu", 5, 2, 2, 1), ("cpu", 1, 2, 1, 2), ("cpu", 2, 5, 2, 2), ("cuda", 5, 2, 1, 2)],
)
def test_runs_share_the_threads(device, runs, threads, concurrent, each):
    engine = side_by_side(Engine(threads=threads), torch.device(device), runs)
    assert (engine.concurrent_runs, engine.threads) == (concurrent, each)
    asked = Engine(threads=threads, concurrent_runs=3)
    assert side_by_side(asked, torch.device(device), runs) == asked


def test_past_the_limit_a_cell_does_not_start_and_says_what_else_there_is(make_cell):
    cell = make_cell()
    strict = dataclasses.replace(cell, engine=dataclasses.replace(cell.engine, hours_limit=1e-9))
    with pytest.raises(UserError, match=r"tiny/toy would take about .* h here.*busi-small.*--insist"):
        train_cell(strict, cell.runs)
    assert not (cell.run_folder(0, 0) / "record.json").exists()


def test_runs_that_are_entered_stay_when_others_are_added(make_cell, tmp_path):
    """Folds trained in different sessions: the runs of the first are gone when the second ends."""
    cell = make_cell(epochs=1)
    train_cell(cell, cell.runs)
    files = report_files(cell)
    expected = [path.read_bytes() for path in files]
    train_cell(make_cell(epochs=1, trained_folds=[0]), [(0, 0)])
    assert set(pd.read_parquet(files[0])["fold"]) == {0}
    shutil.rmtree(cell.run_folder(0, 0))
    collect(cell, run_fingerprint(cell))
    assert [path.read_bytes() for path in files] == expected
    shutil.rmtree(cell.run_folder(0, 1))
    with pytest.raises(UserError, match="seed 0 fold 0, seed 0 fold 1"):
        collect(cell, "another version")


def test_a_benchmark_may_train_some_of_its_folds(make_cell):
    cell = make_cell(epochs=1, trained_folds=[1])
    assert cell.runs == [(0, 1)]
    with pytest.raises(UserError, match=r"tiny has no fold 0; it has 1\. .*add it to benchmarks\.tiny\.trained_folds"):
        choose_runs(cell, [0], None)


def test_unknown_folds_seeds_and_devices_are_named(make_cell):
    cell = make_cell()
    with pytest.raises(UserError, match=r"tiny has no fold 7; it has 0, 1\.$"):
        choose_runs(cell, [7], None)
    with pytest.raises(UserError, match="tiny has no seed 3; it has 0"):
        choose_runs(cell, None, [3])
    assert choose_runs(cell, [1], None) == [(0, 1)]
    with pytest.raises(UserError, match="expected auto, cpu or cuda, found 'gpu'"):
        choose_device("gpu")
    if not torch.cuda.is_available():
        with pytest.raises(UserError, match="finds no CUDA device"):
            choose_device("cuda")


def test_a_models_own_recipe_brings_its_optimiser_and_its_budget(make_cell, repository):
    parameters = read_parameters(repository / "params.yaml")
    own = dataclasses.replace(parameters.models["mtnnunet"], own_recipe=True)
    changed = dataclasses.replace(parameters, models=parameters.models | {"mtnnunet": own})
    shared, cell = (declared_cell(each, "busi", "mtnnunet") for each in (parameters, changed))
    assert (cell.recipe.optimiser["eps"], cell.recipe.balancing["weights"]["segmentation"]) == (1e-4, 0.35)
    assert (cell.benchmark.training.epochs, cell.benchmark.training.batch_size) == (200, 2)
    assert (shared.benchmark.training.epochs, shared.benchmark.training.batch_size) == (90, 8)
    assert shared.recipe == parameters.recipes["paper"]
    assert stated_digest(changed, "busi", "mtnnunet") != stated_digest(parameters, "busi", "mtnnunet")


def test_as_many_epochs_are_trained_as_the_own_recipe_says(make_cell, tmp_path, repository):
    parameters, cell = read_parameters(repository / "params.yaml"), make_cell(epochs=3)
    own = dataclasses.replace(parameters.recipes["paper"], epochs=2)
    changed = dataclasses.replace(
        parameters,
        benchmarks={"tiny": cell.benchmark},
        recipes=parameters.recipes | {"mine": own},
        models={"toy": Model("tests.training.toy:Toy", recipe="mine", own_recipe=True)},
        engine=cell.engine,
    )
    train_cell(read_cell(changed, "tiny", "toy"), [(0, 0), (0, 1)])
    assert len(pd.read_csv(tmp_path / "reports" / "curves" / "tiny" / "toy.csv")) == 2 * 2


def test_prepared_data_of_another_kind_is_named(make_cell, tmp_path):
    cell = make_cell()
    cpu = torch.device("cpu")
    with pytest.raises(UserError, match=r"prepared as \(32, 32\) pixels with 2 folds, but params.yaml says 64 pixels"):
        data.load("tiny", dataclasses.replace(cell.benchmark, image_size=64), cpu)
    with pytest.raises(UserError, match=r"Run `acsbench split other` .* first"):
        data.load("other", cell.benchmark, cpu)
    (tmp_path / "prepared" / "benchmarks" / "tiny" / "images.npz").unlink()
    with pytest.raises(UserError, match=r"expected images\.npz"):
        data.load("tiny", cell.benchmark, cpu)


def test_a_model_is_trained_after_those_that_it_starts_from(make_cell, tmp_path, repository):
    parameters = read_parameters(repository / "params.yaml")
    cell = make_cell(epochs=1)
    starts_from = {"segmentation": "outlines", "classification": "classes"}
    models = {
        "outlines": Model("tests.training.toy:Toy", {"heads": "segmentation"}, parameters=313),
        "classes": Model("tests.training.toy:Toy", {"heads": "classification"}, parameters=258),
        "joint": Model("tests.training.toy:ToyThatStartsFromTasks", initialise_from=starts_from),
    }
    changed = dataclasses.replace(
        parameters,
        studies={},
        benchmarks={"tiny": cell.benchmark},
        models=parameters.models | models,
        engine=cell.engine,
    )
    assert in_order(changed, "joint") == ["outlines", "classes", "joint"]
    train(changed, "tiny", "joint", folds=[1])
    assert {path.parts[-3] for path in tmp_path.glob("runs/tiny/*/seed0-fold1/record.json")} == set(models)


def test_what_is_finished_is_trained_anew_only_where_asked(make_cell, tmp_path, repository):
    cell = make_cell(epochs=1)
    parameters = dataclasses.replace(
        read_parameters(repository / "params.yaml"),
        studies={},
        benchmarks={"tiny": cell.benchmark},
        engine=cell.engine,
    )
    models = parameters.models | {"toy": Model("tests.training.toy:Toy")}
    parameters = dataclasses.replace(parameters, models=models)

    def trained(anew: bool) -> tuple[int, pd.DataFrame]:
        train(parameters, "tiny", "toy", anew=anew)
        weights = tmp_path / "runs" / "tiny" / "toy" / "seed0-fold1" / "weights.pt"
        return weights.stat().st_mtime_ns, pd.read_parquet(
            tmp_path / "reports" / "predictions" / "tiny" / "toy.parquet"
        )

    made, first = trained(anew=False)
    assert trained(anew=False)[0] == made
    made_anew, second = trained(anew=True)
    assert made_anew > made
    pd.testing.assert_frame_equal(second, first, check_exact=True)
