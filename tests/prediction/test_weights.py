"""Weights handed on: written, read without running anything, refused where they are not whole, compared."""

import dataclasses
import hashlib
import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file as load_tensors
from safetensors.torch import save_file

from benchmarks.configuration import Model
from benchmarks.errors import UserError
from benchmarks.prediction.compare import compare, summary
from benchmarks.prediction.export import export
from benchmarks.prediction.finding import find_networks
from benchmarks.prediction.predict import predict
from benchmarks.prediction.storing import restore, store
from benchmarks.prediction.weights_file import load_file, read_description, read_state, write_weights

CPU = torch.device("cpu")
PLACE = Path("weights/tiny/toy")
FILE = PLACE / "seed0-fold1.safetensors"


@pytest.fixture
def exported(trained, parameters) -> Path:
    """The toy's two networks in `weights/`, in float32."""
    export(parameters, "tiny", "toy", Path("weights"), "float32")
    return PLACE


def test_what_is_exported_says_all_that_using_it_takes(exported):
    about = read_description(FILE)
    record = json.loads(Path("runs/tiny/toy/seed0-fold1/record.json").read_text(encoding="utf-8"))
    assert (about.cell, about.seed, about.fold) == ("tiny/toy", 0, 1)
    assert (about.network, about.arguments) == ("tests.training.toy:Toy", {})
    assert (about.image_size, about.channels, about.classes, about.threshold) == (32, 3, ["benign", "malignant"], 0.5)
    assert (about.normalisation.mean, about.normalisation.std) == (0.33, 0.2)
    assert about.epoch == record["selected_epochs"]["inner_validation"]
    assert about.fingerprint == record["fingerprint"]
    assert about.licences["code"] == about.licences["network"] == "MIT"
    folds = pd.read_csv("benchmarks/folds/tiny.csv")
    assert about.training_images.cases == (folds["role_1"] == "train").sum()


def test_the_checksums_are_those_of_the_files(exported):
    lines = (exported / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    expected = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in sorted(exported.glob("*.safe*"))
    ]
    assert lines == expected
    assert len(lines) == 2


def test_exported_networks_predict_what_those_in_runs_predict(exported, parameters):
    images = [Path("data/discs")]
    predict(parameters, "tiny", "toy", images, Path("from-weights"))
    shutil.rmtree(exported)
    predict(parameters, "tiny", "toy", images, Path("from-runs"))
    first, second = (pd.read_csv(f"{name}/predictions.csv") for name in ("from-weights", "from-runs"))
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert len(first) == 72


def test_weights_that_come_with_the_repository_need_neither_runs_nor_data(exported, parameters):
    shutil.rmtree("runs")
    shutil.rmtree("prepared")
    predict(parameters, None, "toy", [Path("data/discs/case00.png")], Path("out"))
    assert len(pd.read_csv("out/predictions.csv")) == 1


def large_state() -> dict[str, torch.Tensor]:
    """A layer of each kind: some that stay, one of twelve bits, one of ten."""
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator)

    return {
        "large.weight": normal(300, 701) * 0.01,
        "middle.weight": normal(40, 50, 3, 3),
        "small.weight": normal(8, 3, 3, 3),
        "depthwise.weight": normal(1000, 1, 5, 5),
        "norm.running_var": torch.tensor([1e5, 1e-9]),
        "norm.batches": torch.tensor(7),
        "dead.weight": torch.zeros(100, 200),
    }


def test_half_precision_rounds_large_layers_alone():
    state = large_state()
    tensors, shapes = store(state, "float16", "x")
    assert not shapes
    halves = {"large.weight", "middle.weight", "dead.weight"}
    for name, tensor in restore(tensors, shapes).items():
        assert torch.equal(tensor, state[name].half().float() if name in halves else state[name])
    assert {name for name, tensor in tensors.items() if tensor.dtype == torch.float16} == halves


@pytest.mark.parametrize(("name", "bits"), [("large.weight", 10), ("middle.weight", 12)])
def test_packed_weights_are_off_by_half_a_step_at_most(name, bits):
    state = large_state()
    tensors, shapes = store(state, "packed", "x")
    assert tensors[f"{name}::packed"].numel() == -(-state[name].numel() * bits // 8)
    error = (restore(tensors, shapes)[name] - state[name]).flatten(1).abs().amax(1)
    steps = state[name].flatten(1).abs().amax(1) / (2 ** (bits - 1) - 1)
    assert (error <= steps * 0.5001).all()
    assert (error > steps * 0.4).all()  # of so many weights the worst comes close to it


def test_what_is_packed_and_restored_again_does_not_change():
    once = restore(*store(large_state(), "packed", "x"))
    twice = restore(*store(once, "packed", "x"))
    assert all(torch.equal(once[name], twice[name]) for name in once)
    assert set(once) == set(large_state())
    kept = {"small.weight", "depthwise.weight", "norm.running_var", "norm.batches", "dead.weight"}
    assert all(torch.equal(once[name], large_state()[name]) for name in kept)


@pytest.mark.parametrize("stored", ["float16", "packed"])
def test_a_file_gives_back_what_was_stored(exported, parameters, stored):
    about, state = read_description(FILE), large_state()
    write_weights(FILE, state, dataclasses.replace(about, stored=stored))
    found = read_state(FILE, read_description(FILE))
    expected = restore(*store(state, stored, "x"))
    assert all(torch.equal(found[name], expected[name]) for name in state)


def test_a_weight_beyond_half_precision_is_refused():
    state = large_state() | {"large.weight": large_state()["large.weight"] * 1e8}
    with pytest.raises(UserError, match=r"x.safetensors: large.weight has a weight beyond what half precision holds"):
        store(state, "float16", "x.safetensors")


def cut(content: bytes) -> bytes:
    return content[:-100]


def changed(content: bytes) -> bytes:
    """One bit of the last tensor."""
    return content[:-1] + bytes([content[-1] ^ 1])


def pickled(content: bytes) -> bytes:
    return pickle.dumps({"network": {}})


def without_description(content: bytes) -> bytes:
    save_file({"a": torch.zeros(1)}, "other.safetensors")
    return Path("other.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (cut, "expected weights that `acsbench weights export` wrote"),
        (changed, "expected tensors of digest"),
        (pickled, "expected weights that `acsbench weights export` wrote"),
        (without_description, "expected weights that `acsbench weights export` wrote"),
        (lambda content: b"", "expected weights that `acsbench weights export` wrote"),
    ],
)
def test_a_damaged_file_is_refused_by_name(exported, parameters, damage, told):
    FILE.write_bytes(damage(FILE.read_bytes()))
    with pytest.raises(UserError, match=f"seed0-fold1.safetensors: {told}"):
        predict(parameters, "tiny", "toy", [Path("data/discs/case00.png")], Path("out"))
    assert not Path("out/predictions.csv").exists()


def test_tensors_of_another_network_are_refused(exported, parameters):
    about, state = read_description(FILE), load_tensors(FILE)
    write_weights(FILE, state | {"decoder.weight": torch.zeros(1, 8, 5, 5)}, about)
    with pytest.raises(
        UserError, match=r"fold1.safetensors: the tensors of another network than tests.training.toy:Toy"
    ):
        load_file(FILE, parameters, CPU)


def test_a_file_imports_no_network_that_params_does_not_have(exported, parameters):
    about = dataclasses.replace(read_description(FILE), network="os:system", arguments={"command": "touch ran"})
    write_weights(FILE, load_tensors(FILE), about)
    with pytest.raises(
        UserError, match=r"fold1.safetensors: of the network os:system, which no model of params.yaml has"
    ):
        load_file(FILE, parameters, CPU)
    assert not Path("ran").exists()


def test_what_an_encoder_began_with_is_not_fetched(exported, parameters, monkeypatch):
    """A network that takes `encoder_weights` is built with none, whatever its entry says."""
    asked = []

    class Pretrained(torch.nn.Module):
        def __init__(self, classes: int = 2, encoder_weights: str = "imagenet"):
            super().__init__()
            asked.append(encoder_weights)

    monkeypatch.setattr("benchmarks.networks.network_class", lambda network: Pretrained)
    models = parameters.models | {"toy": Model("tests.training.toy:Toy", {}, encoder_weights="imagenet")}
    about = read_description(FILE)
    write_weights(FILE, {}, dataclasses.replace(about, arguments={"encoder_weights": "imagenet"}))
    load_file(FILE, dataclasses.replace(parameters, models=models), CPU)
    assert asked == ["none"]


def test_where_networks_are_looked_for(exported, parameters):
    assert {source.path.suffix for source in find_networks(parameters, None, "toy")} == {".safetensors"}
    assert {source.path.name for source in find_networks(parameters, "tiny", "toy_masks")} == {"weights.pt"}
    shutil.move("weights", "elsewhere")
    assert len(find_networks(parameters, None, "toy", Path("elsewhere"))) == 2
    assert len(find_networks(parameters, None, "toy", Path("elsewhere/tiny/toy"))) == 2
    assert [source.fold for source in find_networks(parameters, None, "toy", Path("elsewhere"), fold=1)] == [1]
    with pytest.raises(UserError, match="has networks of the folds 0, 1, none of fold 4"):
        find_networks(parameters, None, "toy", fold=4)
    with pytest.raises(UserError, match=r"expected a network of any benchmark/toy_masks, found tiny/toy"):
        find_networks(parameters, None, "toy_masks", Path("elsewhere/tiny/toy"))
    with pytest.raises(UserError, match="elsewhere: expected weights of <benchmark>/toy_masks, found none"):
        find_networks(parameters, None, "toy_masks", Path("elsewhere"))
    with pytest.raises(UserError, match="--weights: expected a folder"):
        find_networks(parameters, None, "toy", Path("nowhere"))
    shutil.rmtree("runs")
    with pytest.raises(
        UserError, match=r"tiny/toy_masks: no trained networks in weights/ or runs/.*acsbench train tiny"
    ):
        find_networks(parameters, "tiny", "toy_masks")


def test_runs_of_other_parameters_are_refused(trained, parameters):
    benchmark = dataclasses.replace(parameters.benchmark("tiny"), image_size=64)
    other = dataclasses.replace(parameters, benchmarks={"tiny": benchmark})
    with pytest.raises(UserError, match=r"trained under other parameters than params.yaml states now"):
        find_networks(other, "tiny", "toy")


def test_float32_changes_nothing(exported, parameters):
    table = compare(parameters, "tiny", "toy", Path("weights"))
    assert len(table) == 36
    assert (table["dice"] == table["dice_stored"]).all()
    np.testing.assert_array_equal(table["probability"], table["probability_stored"])
    lines, within = summary(table)
    assert within
    assert "36 test cases of 2 networks" in lines[0]


def test_a_change_of_a_thousandth_is_too_much():
    table = pd.DataFrame({"seed": 0, "fold": 0, "case": ["a", "b"], "dice": [0.8, 0.6], "dice_stored": [0.8, 0.603]})
    lines, within = summary(table)
    assert not within
    assert "change -0.001500; by case 0.001500 on average, 0.003000 at most (b)" in lines[1]
    assert summary(table.assign(dice_stored=[0.8, 0.6015]))[1]


def test_networks_that_changed_are_told_from_those_stored(exported, parameters):
    about, state = read_description(FILE), load_tensors(FILE)
    write_weights(FILE, state | {"decoder.bias": state["decoder.bias"] - 100}, about)
    table = compare(parameters, "tiny", "toy", Path("weights"))
    assert not summary(table)[1]
    assert (table.loc[table["fold"] == 1, "dice"] == 0).all()
