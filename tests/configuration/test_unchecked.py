"""Values built without pydantic, and the reader on a machine that has neither it nor a YAML reader."""

import json
import math
import subprocess
import sys
from typing import Literal

import pydantic
import pytest

from benchmarks.configuration import Parameters, read_parameters
from benchmarks.configuration.reading import pydantic_is_installed
from benchmarks.configuration.unchecked import build_value
from benchmarks.errors import UserError


def test_the_same_parameters_are_built_as_are_checked(repository, committed):
    built = build_value(Parameters, committed, "params.json", "")
    assert built == read_parameters(repository / "params.yaml")
    assert isinstance(built.engine.hours_limit, float)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda c: c["engine"].update(thread=2), r"params\.json: engine: expected Engine, .*keyword argument 'thread'"),
        (lambda c: c["benchmarks"]["busi"].pop("dataset"), r"benchmarks\.busi: expected Benchmark, .*'dataset'"),
        (lambda c: c["engine"].update(threads="2"), r"engine\.threads: expected int, found '2'"),
        (lambda c: c["engine"].update(threads=True), r"engine\.threads: expected int, found True"),
        (lambda c: c["benchmarks"]["busi"].update(scoring="x"), r"busi\.scoring: expected .*'standard'.*, found 'x'"),
        (lambda c: c["models"]["unet"].update(normalisation=3), r"unet\.normalisation: expected .*, found 3"),
        (lambda c: c.update(models=[]), r"models: expected dict.*, found \[\]"),
        (lambda c: c["benchmarks"]["busi"]["split"].update(seed=-1), r"split\.seed: expected at least 0, found -1"),
        (lambda c: c["benchmarks"]["busi"].update(image_size=100), r"image_size: expected a multiple of 32, found 100"),
        (lambda c: c["benchmarks"]["busi"]["normalisation"].update(std=math.nan), r"std: expected a finite number"),
        (lambda c: c["benchmarks"]["busi"]["classes"].reverse(), r"classes: expected \[benign, malignant\], the posit"),
        (lambda c: c["recipes"]["paper"]["optimiser"].update(learning_rate=0), r"expected learning_rate to be a numb"),
        (lambda c: c["recipes"]["paper"].update(augmentation=[1]), r"paper\.augmentation\[0\]: expected dict.*found 1"),
    ],
)
def test_what_does_not_fit_is_named_in_one_line(committed, edit, message):
    content = json.loads(json.dumps(committed))
    edit(content)
    with pytest.raises(UserError, match=message) as error:
        build_value(Parameters, content, "params.json", "")
    assert "\n" not in str(error.value)
    assert "acsbench configuration > params.json" in str(error.value)


def test_options_are_built_by_their_kind():
    assert build_value(tuple[float, float], [0.9, 1], "here", "x") == (0.9, 1.0)
    assert build_value(bool | tuple[int, ...] | None, [1, 2], "here", "x") == (1, 2)
    assert build_value(Literal["a", "b"] | None, None, "here", "x") is None
    for expected, value in [
        (tuple[float, float], [0.9]),
        (tuple[int, ...], 3),
        (float | None, "x"),
        (Literal["a"], []),
    ]:
        with pytest.raises(UserError, match="here: x: expected"):
            build_value(expected, value, "here", "x")


BARE = """
import sys
for name in ("pydantic", "pydantic_core", "annotated_types", "yaml"):
    sys.modules[name] = None
from benchmarks.configuration import read_parameters, read_value
from benchmarks.errors import UserError
print(read_parameters(sys.argv[1]).benchmark("busi").training.seeds)
try:
    read_parameters(sys.argv[2])
except UserError as error:
    print(error)
try:
    read_value(float, "two", "recipes.paper.balancing", "temperature")
except UserError as error:
    print(error)
"""


def test_a_bare_machine_reads_json_and_says_what_yaml_needs(repository, as_json):
    command = [sys.executable, "-c", BARE, str(as_json), str(repository / "params.yaml")]
    printed = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True).stdout.splitlines()
    assert printed[0] == "[0, 1, 2]"
    assert "acsbench configuration > params.json" in printed[1]
    assert printed[2].startswith("recipes.paper.balancing: temperature: expected float, found 'two'")


@pytest.mark.parametrize(("version", "taken"), [("1.10.2", False), ("2.11.7", False), ("2.12.0", True), ("3.0", True)])
def test_an_old_pydantic_is_none(monkeypatch, version, taken):
    monkeypatch.setattr(pydantic, "VERSION", version)
    assert pydantic_is_installed() is taken


def test_yaml_is_not_taken_unchecked(repository):
    code = BARE.replace(', "yaml"', "")
    command = [sys.executable, "-c", code, "params.yaml", "params.yaml"]
    ended = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    assert "params.yaml: cannot be checked without pydantic" in ended.stderr


def test_what_is_imported_is_light(repository):
    code = "import sys, benchmarks.configuration; print({'torch', 'pydantic', 'yaml'} & set(sys.modules))"
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True).stdout == "set()\n"
