"""A model with a recipe of its own is marked wherever it is shown, with what differs."""

import base64
import gzip
import json
import re
import shutil

import pandas as pd
import pytest
import yaml

from benchmarks.configuration import ParameterGroup, read_parameters
from benchmarks.reporting.budget import budget
from benchmarks.reporting.cards.results import result_part
from benchmarks.reporting.claims.checklists import read_checklists, with_treatment
from benchmarks.reporting.figures.differences import draw_differences
from benchmarks.reporting.figures.material import gather
from benchmarks.reporting.figures.roc import draw_roc
from benchmarks.reporting.names import Names
from benchmarks.reporting.page.render import render_page
from benchmarks.reporting.recipes import epochs_text, own_recipes, said
from benchmarks.reporting.results import read_results
from benchmarks.reporting.tables.write import write_tables

DIFFERS = "epochs 2, not 4; batch size 2, not 8; optimiser sgd (momentum 0.9), not adam"


@pytest.fixture(scope="module")
def own(made_up_once, tmp_path_factory):
    """The made-up repository in which the model `shared` was trained by its own recipe, and its tables."""
    root = shutil.copytree(made_up_once, tmp_path_factory.mktemp("own") / "repository")
    content = yaml.safe_load((root / "params.yaml").read_text())
    content["models"]["shared"] = {"network": "acsnet:ACSNet", "recipe": "theirs", "own_recipe": True}
    theirs = content["recipes"]["paper"] | {"optimiser": {"name": "sgd", "momentum": 0.9}, "epochs": 2, "batch_size": 2}
    content["recipes"]["theirs"] = theirs
    (root / "params.yaml").write_text(yaml.safe_dump(content))
    write_tables("made-up", root, root / "reports")
    return root


def test_what_differs_is_named(own):
    parameters = read_parameters(own / "params.yaml")
    assert own_recipes("made-up", ["acsnet", "shared", "external_x"], parameters) == {"shared": DIFFERS}
    assert epochs_text("made-up", ["acsnet", "shared"], parameters) == "4; 2 in shared"
    assert epochs_text("made-up", ["acsnet"], parameters) == "4"


def test_the_budget_names_other_epochs(own):
    parameters = read_parameters(own / "params.yaml")
    told = budget(
        read_results("made-up", own, parameters),
        parameters,
        Names({"shared": "Shared (own recipe)"}),
    )
    assert told.split(", ")[1] == "4 epochs (2 in Shared (own recipe))"


def test_texts_name_it_once_and_no_other():
    names = Names({"shared": "Shared (own recipe)", "shared_y": "Shared Y"})
    told = names.in_text("shared minus shared_x, shared_y; cases/shared, shared")
    assert told == "Shared (own recipe) minus shared_x, Shared Y; cases/shared, Shared (own recipe)"


def test_tables_mark_it(own):
    tables = own / "reports/tables/made-up"
    said = f"Trained by a recipe of their own, so that it is compared as well: shared (own recipe): {DIFFERS}."
    for name in ("main.md", "differences.md"):
        text = (tables / name).read_text()
        assert "| shared (own recipe) |" in text or "shared (own recipe) |" in text, name
        assert "| shared |" not in text
        assert said in text
    notes = pd.read_csv(tables / "scores.csv").groupby("model")["note"].unique()
    assert all(note.endswith(f"; own recipe: {DIFFERS}") for note in notes["shared"])
    assert not any("own recipe" in note for note in notes["acsnet"])


def test_the_page_marks_it(own):
    page = render_page(["made-up"], own, own / "reports")
    assert "<dt>Epochs</dt><dd>4; 2 in shared (own recipe)</dd>" in page
    assert '>shared</a> <span class="mark">own recipe</span>' in page
    assert "; the recipes differ, too</span>" in page
    assert f"Trained by a recipe of its own: {DIFFERS}." in page
    explorer = gzip.decompress(base64.b64decode(re.search(r'id="explorer-data">([^<]*)<', page)[1]))
    assert "shared (own recipe)" in json.loads(explorer)["made-up"]["models"]
    assert "<td>shared</td>" not in page
    assert "trained by a recipe of their own: shared on made-up" in page  # the checklist


def test_figures_mark_it(own):
    material = gather("made-up", own, own / "reports/tables/made-up")
    for draw in (draw_differences, draw_roc):
        figure = draw(material)
        figure.canvas.draw()
        texts = [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]
        assert "shared (own recipe)" in texts
        assert "shared" not in texts


def test_cards_and_checklist_speak_of_it(own):
    parameters = read_parameters(own / "params.yaml")
    part = result_part("shared", read_results("made-up", own), parameters, own)
    assert (part["own_recipe"], part["budget"].epochs) == (DIFFERS, 2)
    assert result_part("acsnet", read_results("made-up", own), parameters, own)["own_recipe"] is None
    items = read_checklists()
    assert with_treatment(items, {"made-up": ["acsnet"]}, parameters).equals(items)
    changed = with_treatment(items, {"made-up": ["shared", "external_x"]}, parameters).set_index(["checklist", "item"])
    answer, note = changed.loc[("REFORMS", "5f"), ["answer", "note"]]
    assert answer == "partly"
    assert f"shared on made-up ({DIFFERS})" in note
    assert "external_x" in note


def test_settings_that_only_one_recipe_has_are_told():
    groups = {"bias": ParameterGroup(2.0, 0.0), "encoder": ParameterGroup(0.5)}
    assert said(groups) == "bias (factor 2.0, weight_decay 0.0), encoder (factor 0.5)"
    assert said({"name": "equal", "at_share": 0.5}) == "name equal, at_share 0.5"
    assert said(None) == "none"
