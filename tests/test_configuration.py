"""params.yaml: what is wrong in it is named, with what is known."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from benchmarks.configuration import read_parameters, read_value
from benchmarks.errors import UserError

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def committed() -> dict:
    return yaml.safe_load((ROOT / "params.yaml").read_text())


@pytest.fixture
def edited(committed, tmp_path):
    """A function that reads the committed parameters after an edit."""

    def read(edit):
        content = copy.deepcopy(committed)
        edit(content)
        path = tmp_path / "params.yaml"
        path.write_text(yaml.safe_dump(content))
        return read_parameters(path)

    return read


def test_the_papers_protocol_stands_in_the_committed_file():
    parameters = read_parameters(ROOT / "params.yaml")
    busi, released = parameters.benchmark("busi"), parameters.benchmark("busi-released")
    assert (busi.image_size, busi.split.folds, busi.training.epochs, busi.training.batch_size) == (256, 5, 90, 8)
    assert (busi.normalisation.mean, busi.normalisation.std) == (0.330, 0.204)
    assert (released.split.rule, released.split.seed, released.selection.rule) == ("released", 42, "test_oracle")
    assert released.training.seeds == [2]
    paper = parameters.recipes["paper"]
    assert paper.optimiser == {"name": "adam", "learning_rate": 1e-4, "weight_decay": 1e-4}
    assert [step["name"] for step in paper.augmentation] == ["horizontal_flip", "rotation", "vertical_flip"]


def test_every_model_of_a_benchmark_is_listed_once():
    parameters = read_parameters(ROOT / "params.yaml")
    models = parameters.models_of("busi-small")
    assert models[0] == "acsnet"
    assert len(models) == len(set(models))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda c: c["benchmarks"]["busi"].update(imgsize=3), r"'imgsize'.*Did you mean 'image_size'.*Known: dataset"),
        (lambda c: c["studies"]["comparison"]["models"].append("acsnt"), r"no model is called 'acsnt'.*'acsnet'"),
        (lambda c: c["studies"]["comparison"]["benchmarks"].update(busy="busi"), r"no benchmark is called 'busy'"),
        (lambda c: c["studies"]["comparison"]["benchmarks"].update(busi="udiat"), r"expected 'busi', found 'udiat'"),
        (lambda c: c["benchmarks"]["busi"]["training"].update(epochs="many"), r"training\.epochs: expected int"),
        (lambda c: c["benchmarks"]["busi"]["training"].update(epochs=True), r"training\.epochs: expected int"),
        (lambda c: c["benchmarks"]["busi"]["training"].update(epochs=0), r"at least one epoch"),
        (lambda c: c["benchmarks"]["busi"].update(image_size=100), r"expected a multiple of 32, found 100"),
        (lambda c: c["benchmarks"]["busi"]["split"].update(rule="random"), r"expected one of grouped_stratified"),
        (lambda c: c["benchmarks"]["busi"]["split"].update(folds=1), r"split\.folds: expected at least 2"),
        (lambda c: c["benchmarks"]["busi"]["split"].update(validation=0.0), r"needs split\.validation above 0"),
        (
            lambda c: c["benchmarks"]["busi"]["normalisation"].update(std="1e-4"),
            r"expected float, found '1e-4'.*1\.0e-4",
        ),
        (lambda c: c["benchmarks"]["busi"]["normalisation"].update(std="one"), r"expected float, found 'one'\.$"),
        (lambda c: c["benchmarks"]["busi"].pop("dataset"), r"benchmarks\.busi: missing dataset"),
        (lambda c: c.update(reference="best"), r"reference: no model is called 'best'"),
        (
            lambda c: c["benchmarks"]["busi"].update(references={"acsnet": ["unet", "resnet"]}),
            r"benchmarks\.busi\.references: no model is called 'resnet'",
        ),
        (
            lambda c: c["benchmarks"]["busi"].update(references={"acsnet": ["unet"], "mtan": ["unet"]}),
            r"references\.acsnet: expected unet to be compared with one other model, found several",
        ),
        (
            lambda c: c["benchmarks"]["busi"].update(references={"acsnet": ["acsnet"]}),
            r"references\.acsnet: expected acsnet to be compared with one other model, found itself",
        ),
        (lambda c: c["models"]["acsnet"].update(initialise_from={"segmentation": "x"}), r"no model is called 'x'"),
        (
            lambda c: c["studies"]["ablation"]["benchmarks"].update({"busi-small": "busi"}),
            r"busi-small belongs to one study",
        ),
        (lambda c: c.update(studies=[]), r"studies: expected a dict, found \[\]"),
        (lambda c: c["recipes"]["paper"].update(optimiser="adam"), r"recipes\.paper\.optimiser: expected a dict"),
        (
            lambda c: c["recipes"]["paper"].update(schedule={"final_share": 0.1}),
            r"schedule: expected a mapping with a name",
        ),
        (
            lambda c: c["recipes"]["paper"]["augmentation"][1].pop("name"),
            r"augmentation\[1\]: expected a mapping with a",
        ),
        (
            lambda c: c["models"]["unet"].update(balancing={"temperature": 2}),
            r"unet\.balancing: expected a mapping with",
        ),
        (lambda c: c["recipes"]["paper"]["losses"].pop("classification"), r"losses: missing classification"),
        (lambda c: c["recipes"]["paper"]["losses"].update(detection="x"), r"losses: no task is called 'detection'"),
        (
            lambda c: c["models"]["unet"].update(initialise_from={"segmentation": "unet"}),
            r"initialise_from goes in a circle: unet <- unet",
        ),
        (
            lambda c: c["models"]["unet"].update(initialise_from={"x": "unet"}),
            r"initialise_from: no task is called 'x'",
        ),
        (
            lambda c: c["models"]["mtanet"].update(own_recipe=True),
            r"models\.mtanet: own_recipe is true, but the entry names no recipe\. Known: .*ggnet.*paper",
        ),
        (
            lambda c: c["models"].update({"my/net": c["models"]["unet"]}),
            r"models: 'my/net' becomes a file's name: expect",
        ),
        (lambda c: c["recipes"]["ggnet"].update(epochs=0), r"recipes\.ggnet: epochs: expected at least 1, found 0"),
    ],
)
def test_what_is_wrong_is_named(edited, edit, message):
    with pytest.raises(UserError, match=message):
        edited(edit)


@pytest.mark.parametrize(
    ("expected", "value", "message"),
    [
        (tuple[int, ...], [1, "b"], r"here: x\[1\]: expected int, found 'b'"),
        (tuple[float, float], [1.0], r"here: x: expected a list of 2 values, found \[1\.0\]"),
        (bool | tuple[int, ...], "b", r"here: x: expected bool, found 'b'"),
    ],
)
def test_values_of_another_kind_are_named(expected, value, message):
    with pytest.raises(UserError, match=message):
        read_value(expected, value, "here", "x")


def test_values_of_several_kinds_are_read():
    assert read_value(tuple[float, ...], [1, 2.5], "here", "x") == (1.0, 2.5)
    assert read_value(bool | tuple[int, ...] | None, [1, 2], "here", "x") == (1, 2)
    assert read_value(float | None, None, "here", "x") is None


def test_models_are_compared_with_the_reference_or_with_their_own(edited):
    plain = edited(lambda c: None)
    assert plain.reference_of("busi-small", ["unet", "acsnet"]) == "acsnet"
    assert plain.reference_of("busi-small", ["unet", "mtan"]) is None
    own = edited(lambda c: c["benchmarks"]["busi-small"].update(references={"unet": ["mtan", "acsnet"]}))
    assert own.reference_of("busi-small", ["acsnet", "unet", "pad_net"]) == {"acsnet": "unet"}
    assert own.reference_of("busi-small", ["acsnet", "mtan"]) is None


def test_a_model_is_trained_as_all_others_or_with_the_recipe_and_the_budget_of_its_reference(edited):
    """GG-Net's four images a batch; what a recipe says of the budget does not reach models that only mention it."""
    shared = edited(lambda content: None)
    assert shared.recipe_of("busi", "ggnet_mt") == shared.recipes["paper"]
    assert shared.training_of("busi", "ggnet_mt") == shared.benchmarks["busi"].training
    own = edited(lambda content: content["models"]["ggnet_mt"].update(own_recipe=True))
    assert own.recipe_of("busi", "ggnet_mt").optimiser["name"] == "sgd"
    assert own.training_of("busi", "ggnet_mt").batch_size == 4
    assert own.training_of("busi", "ggnet_mt").seeds == own.benchmarks["busi"].training.seeds
    assert own.training_of("busi", "ggnet") == own.benchmarks["busi"].training


def test_a_key_that_stands_twice_is_named_with_both_lines(tmp_path):
    text = (ROOT / "params.yaml").read_text()
    first = text[: text.index("\n  unet: {network")].count("\n") + 2
    path = tmp_path / "params.yaml"
    path.write_text(text.replace("\nrecipes:\n", "\n  unet: {network: 'baselines.mine:UNet'}\nrecipes:\n"))
    with pytest.raises(UserError, match=rf"params\.yaml: unet stands twice, in lines {first} and \d+\. Remove or"):
        read_parameters(path)


def test_a_missing_or_broken_file_says_what_to_do(tmp_path):
    with pytest.raises(UserError, match=r"not found\. Run the command in the repository's root"):
        read_parameters(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_text("a: [")
    with pytest.raises(UserError, match="not valid YAML"):
        read_parameters(tmp_path / "params.yaml")


def test_json_carries_the_same_parameters_to_machines_without_yaml(tmp_path):
    printed = subprocess.run(
        [sys.executable, "-m", "benchmarks.configuration"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    path = tmp_path / "params.json"
    path.write_text(printed)
    assert json.loads(printed)["reference"] == "acsnet"
    assert read_parameters(path) == read_parameters(ROOT / "params.yaml")


def test_a_command_ends_with_the_message_and_no_traceback(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.configuration"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: params.yaml: not found")
    assert "Traceback" not in ended.stderr
