"""A cell's fingerprint changes with what can change its result, and with nothing else."""

import dataclasses
import json
import types

import pytest

from benchmarks.configuration import Study, read_parameters
from benchmarks.configuration.declared import Normalisation
from benchmarks.errors import UserError
from benchmarks.training import fingerprints
from benchmarks.training.behaviour import measure_engine, moved, probe_ends
from benchmarks.training.cell import declared_cell
from benchmarks.training.entries import FINGERPRINTS, Entry, read_entries
from benchmarks.training.fingerprints import code_digest, read_cell, stated_digest


@pytest.fixture
def parameters(repository):
    return read_parameters(repository / "params.yaml")


def test_parameters_count_where_they_can_matter(parameters):
    before = stated_digest(parameters, "busi-small", "acsnet")

    def after(**changes) -> str:
        busi_small = dataclasses.replace(parameters.benchmarks["busi-small"], **changes)
        changed = dataclasses.replace(parameters, benchmarks=parameters.benchmarks | {"busi-small": busi_small})
        return stated_digest(changed, "busi-small", "acsnet")

    assert after() == before
    assert after(description="other words", scoring="released", references={"unet": ["acsnet"]}) == before
    assert after(image_size=96) != before
    recipe = dataclasses.replace(parameters.recipes["paper"], balancing={"name": "fixed"})
    changed = dataclasses.replace(parameters, recipes={"paper": recipe})
    assert stated_digest(changed, "busi-small", "acsnet") != before
    assert stated_digest(parameters, "busi-small", "unet") != before
    engine = dataclasses.replace(parameters.engine, threads=7)
    assert stated_digest(dataclasses.replace(parameters, engine=engine), "busi-small", "acsnet") == before


def test_a_network_without_a_file_is_named(parameters):
    lost = dataclasses.replace(parameters.models["unet"], network="baselines.nowhere:UNet")
    changed = dataclasses.replace(parameters, models=parameters.models | {"unet": lost})
    with pytest.raises(UserError, match=r"models\.unet\.network: no file for 'baselines\.nowhere'"):
        code_digest(changed, "busi-small", "unet")


@pytest.fixture
def measured(parameters, tmp_path, monkeypatch):
    """`fingerprints.update` in an empty folder, on measurements that the test decides: {model: a number}."""
    monkeypatch.chdir(tmp_path)
    study = {"s": Study({"busi-small": "busi"}, ["acsnet", "unet", "resnet18"])}
    chosen = dataclasses.replace(parameters, studies=study)
    numbers: dict[str, float] = {}
    calls: list[str] = []
    codes: dict[str, str] = {}

    def measure_all(parameters, cells, workers):
        calls.extend(model for _, model in cells)
        return {
            names: Entry(
                stated_digest(chosen, *names), {"tasks": [1.0, 1.0], "x": [numbers.get(names[1], 1.0)]}, {}, code
            )
            for names, code in cells.items()
        }

    monkeypatch.setattr(fingerprints, "measure_all", measure_all)
    monkeypatch.setattr(fingerprints, "code_digest", lambda parameters, benchmark, model: codes.get(model, "text"))

    def update(everything: bool = False) -> tuple[list[str], str]:
        calls.clear()
        said: list[str] = []
        fingerprints.update(chosen, everything, 1, said.append)
        return said, (tmp_path / "fingerprints.json").read_text()

    return types.SimpleNamespace(update=update, numbers=numbers, calls=calls, codes=codes, parameters=chosen)


def test_what_has_not_changed_in_text_is_not_measured_again(measured):
    measured.update()
    assert measured.calls == ["acsnet", "unet", "resnet18"]
    measured.update()
    assert measured.calls == []
    measured.codes["unet"] = "another text"
    measured.update()
    assert measured.calls == ["unet"]
    measured.update(everything=True)
    assert measured.calls == ["acsnet", "unet", "resnet18"]


def test_a_number_within_the_tolerance_leaves_the_file_as_it_is(measured):
    _, before = measured.update()
    measured.codes["unet"] = "rewritten"
    measured.numbers["unet"] = 1 + 1e-12
    said, after = measured.update()
    assert after == before
    assert said == ["fingerprints.json: 3 cells, 1 of them measured anew."]
    measured.update()
    assert measured.calls == []  # the new text is known now


def test_a_number_beyond_the_tolerance_changes_that_cell_alone(measured):
    _, before = measured.update()
    measured.codes |= {"unet": "rewritten", "acsnet": "rewritten"}
    measured.numbers["unet"] = 1 + 1e-6
    said, after = measured.update()
    assert said[0] == "busi-small-unet: network (x)"
    before, after = json.loads(before), json.loads(after)
    assert [name for name in before if before[name] != after[name]] == ["busi-small-unet"]
    assert before["busi-small-unet"]["digest"] != after["busi-small-unet"]["digest"]


def test_a_network_that_cannot_be_measured_costs_no_other(measured, monkeypatch):
    whole = fingerprints.measure_all

    def failing(parameters, cells, workers):
        entries = whole(parameters, cells, workers)
        del entries["busi-small", "unet"]
        raise fingerprints.MeasuringFailed("unet: no such layer", entries)

    monkeypatch.setattr(fingerprints, "measure_all", failing)
    with pytest.raises(UserError, match="unet: no such layer"):
        measured.update()
    assert set(read_entries(FINGERPRINTS)) == {"busi-small-acsnet", "busi-small-resnet18"}


def test_a_training_takes_the_stored_entry_or_measures_and_remembers(measured, monkeypatch):
    measured.update()
    measures: list[str] = []

    def measure_network(parameters, cell):
        measures.append(cell.model_name)
        return {"tasks": [1.0, 1.0], "x": [measured.numbers.get(cell.model_name, 1.0)]}

    monkeypatch.setattr(fingerprints, "measure_network", measure_network)
    monkeypatch.setattr(fingerprints, "measure_engine", lambda cell, tasks: {})
    monkeypatch.setattr(fingerprints, "check_recipes", lambda parameters: None)
    stored = read_cell(measured.parameters, "busi-small", "acsnet").fingerprint
    assert measures == []
    assert json.loads(FINGERPRINTS.read_text())["busi-small-acsnet"]["digest"] == stored.whole
    measured.codes["acsnet"] = "rewritten"
    again = read_cell(measured.parameters, "busi-small", "acsnet").fingerprint
    assert (measures, again.whole) == (["acsnet"], stored.whole)
    read_cell(measured.parameters, "busi-small", "acsnet")
    assert measures == ["acsnet"]  # remembered in runs/
    measured.codes["acsnet"], measured.numbers["acsnet"] = "changed", 2.0
    assert read_cell(measured.parameters, "busi-small", "acsnet").fingerprint.whole != stored.whole
    # a cell outside the studies is measured and remembered as well
    outside = read_cell(measured.parameters, "busi", "mtan").fingerprint
    assert read_cell(measured.parameters, "busi", "mtan").fingerprint == outside
    assert measures == ["acsnet", "acsnet", "mtan"]


def test_files_of_another_form_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    FINGERPRINTS.write_text("{")
    with pytest.raises(UserError, match=r"fingerprints\.json: not valid JSON.*Restore it with git"):
        read_entries(FINGERPRINTS)
    FINGERPRINTS.write_text('{"busi-small-acsnet": "4524dc4c4e2accb0"}')  # as they were until version 0.1
    assert read_entries(FINGERPRINTS) == {}


def test_when_a_recipe_ends_a_run_counts(parameters):
    """Of 90 epochs: no gain after the first, or after the sixth, ends the run `patience` epochs later."""
    cell = declared_cell(parameters, "busi-small", "ggnet_mt")
    cell = dataclasses.replace(
        cell, benchmark=dataclasses.replace(cell.benchmark, training=parameters.benchmarks["busi"].training)
    )
    budget = cell.benchmark.training.epochs
    for patience, share, expected in ((30, 0.5, [budget / 2, 30, 35]), (7, 0.25, [23, 7, 12])):
        recipe = dataclasses.replace(parameters.recipes["ggnet"], patience=patience, best_weights_at=share)
        assert probe_ends(dataclasses.replace(cell, recipe=recipe))["ends"] == expected


def test_cells_whose_engine_is_measured_once_have_one_engine(make_cell):
    """A model's own normalisation hides the benchmark's from the network, but not from the stand-in's training."""
    own = Normalisation(0.5, 0.5)
    cells = [make_cell(normalisation=found) for found in (own, Normalisation(0.33, 0.2))]
    cells = [dataclasses.replace(cell, model=dataclasses.replace(cell.model, normalisation=own)) for cell in cells]
    tasks = ["segmentation", "classification"]
    assert cells[0].normalisation == cells[1].normalisation
    assert moved(*(measure_engine(cell, tasks) for cell in cells))
    assert len({fingerprints.subject_of_engine(cell, tasks) for cell in cells}) == 2
