"""The parameters as `acsbench configuration` prints them."""

import json

import pytest

from benchmarks.configuration import read_parameters
from benchmarks.configuration.printed import json_text, names_text
from benchmarks.errors import UserError


def test_json_carries_the_same_parameters_to_machines_without_yaml(repository, tmp_path):
    path, parameters = tmp_path / "params.json", read_parameters(repository / "params.yaml")
    path.write_text(json_text(parameters))
    assert json.loads(path.read_text())["reference"] == "acsnet"
    assert read_parameters(path) == parameters


def test_the_names_of_a_section_stand_a_line_each(repository):
    path = repository / "params.yaml"
    assert names_text(path, "datasets").splitlines() == ["busi", "breast", "busbra-500"]
    assert "acsnet" in names_text(path, "models").splitlines()


def test_names_are_listed_where_they_do_not_fit_together(tmp_path):
    """A message about an unknown name says that this lists the known ones."""
    path = tmp_path / "params.yaml"
    path.write_text("reference: acsnt\nmodels: {acsnet: {}, unet: {}}\n")
    assert names_text(path, "models") == "acsnet\nunet"
    with pytest.raises(UserError, match=r"params\.yaml: expected a section recipes"):
        names_text(path, "recipes")
